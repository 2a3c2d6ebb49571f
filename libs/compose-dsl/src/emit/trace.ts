import type { Why } from "../resolve/why.ts";

/** Told of every value that is emitted: where it stands in the file, and what put it there. Off unless somebody asks. */
export type Trace = (path: readonly string[], why: Why) => void;

export const noTrace: Trace = () => {};

/** A trace that puts `prefix` before every path. */
export const within =
  (trace: Trace, ...prefix: readonly string[]): Trace =>
  trace === noTrace ? noTrace : (path, why) => trace([...prefix, ...path], why);

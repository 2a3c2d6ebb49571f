/** The archive of changes as the engine's container reads it. */
import { z } from "zod";
import { answerOf, type Called } from "../recovery/reader.ts";
import { PersonError } from "../terminal/failure.ts";
import { instantsInWords } from "./instant.ts";

const pathSchema = z.object({ database: z.string(), system: z.string(), bases: z.array(z.object({ id: z.string(), finishedAt: z.string() })).min(1), segments: z.array(z.string()) });
/** What a recovery to one instant needs, in order. */
export type InstantPath = z.infer<typeof pathSchema>;

const spansSchema = z.array(z.object({ database: z.string(), from: z.string(), until: z.string() }));
export type Spans = z.infer<typeof spansSchema>;

export interface Archive {
  /** @throws PersonError when the instant can't be reached, with what is missing */
  path(database: string, instant: Date): Promise<InstantPath>;
  /** From when to when each database can be brought back as at any instant. */
  spans(): Promise<Spans>;
  /** Writes a base backup as a tar archive; reads the private key from its standard input. */
  base(path: InstantPath, id: string): Called;
  /** Writes segments one after the other; reads the private key from its standard input. */
  segments(path: InstantPath, names: readonly string[]): Called;
  /** Notes that a server was brought up from the path. */
  verified(path: InstantPath): Promise<void>;
  /** The private key. */
  readonly key: string;
}

/** @param engine how a program of the engine is called, its arguments left out: `docker exec … node /app/point-in-time.js` */
export function archiveReader(engine: Called, key: string): Archive {
  const called = (...args: readonly string[]): Called => ({ program: engine.program, args: [...engine.args, ...args] });
  const at = ({ database, system }: InstantPath) => ["--of", database, "--system", system];
  return {
    key,
    path: async (database, instant) => pathSchema.parse(JSON.parse(await answerOf(called("path", "--of", database, "--to", instant.toISOString(), "--json"), "").catch(inTheirTime))),
    spans: async () => spansSchema.parse(JSON.parse(await answerOf(called("spans", "--json"), ""))),
    base: (path, id) => called("base", id, ...at(path), "--key", "-"),
    segments: (path, names) => called("segments", ...names, ...at(path), "--key", "-"),
    verified: async (path) => void (await answerOf(called("verified", ...path.bases.map(({ id }) => id), ...at(path)), "")),
  };
}

/** The refusal with its instants as whoever asked said theirs. */
function inTheirTime(error: unknown): never {
  if (!(error instanceof PersonError)) throw error;
  throw new PersonError(instantsInWords(error.message), { ...(error.fix !== undefined && { fix: instantsInWords(error.fix) }), cause: error });
}

/** How the archive's command is called in a container of the engine. */
export const archiveIn = (container: { readonly id: string }): Called => ({ program: "docker", args: ["exec", "--interactive", container.id, "node", "/app/point-in-time.js"] });

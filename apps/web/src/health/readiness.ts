import type { Logger } from "pino";

import { withTimeLimit } from "../time-limit.ts";

/** How long a dependency may take to answer before it counts as failed, in milliseconds. */
const CHECK_LIMIT = 2_000;

/** How long a result is reused, in milliseconds: whoever asks faster must not multiply connections to the databases. */
const REUSE = 1_000;

/** Proves that a dependency answers; must let go of its connection when the signal fires. */
export type Check = (signal: AbortSignal) => Promise<void>;

/** What the readiness check found. */
export interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, "ok" | "failed">>;
}

/**
 * Makes the readiness check: all of `checks` at the same time, each within two seconds. Calls that arrive while one
 * is running, or within a second after it ended, share its result. Why a check failed goes to the log, not to the caller.
 */
export function createReadiness(checks: Readonly<Record<string, Check>>, logger: Logger): () => Promise<Readiness> {
  let latest: { readonly result: Promise<Readiness>; ended: number | undefined } | undefined;

  const run = async (): Promise<Readiness> => {
    const results = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => {
        try {
          await withTimeLimit(CHECK_LIMIT, check);
          return [name, "ok"] as const;
        } catch (error) {
          logger.warn({ check: name, err: error }, "readiness check failed");
          return [name, "failed"] as const;
        }
      }),
    );
    return { ready: results.every(([, outcome]) => outcome === "ok"), checks: Object.fromEntries(results) };
  };

  return () => {
    if (latest !== undefined && (latest.ended === undefined || performance.now() - latest.ended < REUSE)) {
      return latest.result;
    }
    const current = { result: run(), ended: undefined as number | undefined };
    latest = current;
    return current.result.finally(() => {
      current.ended = performance.now();
    });
  };
}

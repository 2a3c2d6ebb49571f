import { setTimeout as sleep } from "node:timers/promises";

import type { Kysely } from "kysely";
import type { Logger } from "pino";
import { Gauge } from "prom-client";

import type { Tables } from "../database/tables.ts";
import type { Metrics } from "../http/metrics.ts";
import { erasureCounts } from "../operators/counts.ts";
import type { ErasureParts } from "../privacy/erasure.ts";
import { lastRetention, runRetention } from "./retention-run.ts";

/** Milliseconds between runs. Nobody is kept longer than they were told by more than this; a run that finds nothing costs a few look-ups. */
const INTERVAL = 15 * 60_000;

/** Milliseconds before the first run, so that a program that starts answers people first. */
const FIRST = 10_000;

/** What keeps running until it is stopped. */
export interface RetentionSchedule {
  /** No new run begins; resolves when the present one has ended. */
  stop(): Promise<void>;
}

/**
 * Applies the rules for how long data is kept, again and again, in this process: a job of its own would need something
 * that starts it, which a host with nothing but Compose doesn't have. Log lines tell counts and nobody.
 */
export function startRetention(
  database: Kysely<Tables>,
  parts: ErasureParts,
  metrics: Pick<Metrics, "registry">,
  logger: Logger,
  times: { readonly first: number; readonly interval: number } = { first: FIRST, interval: INTERVAL },
): RetentionSchedule {
  const registers = [metrics.registry];
  const lastSuccess = new Gauge({ name: "jlam_retention_last_success_timestamp_seconds", help: "When everything that was due was last ended.", registers });
  const waiting = new Gauge({ name: "jlam_erasures_waiting", help: "Members who asked to be erased and are not yet.", registers });
  const overdue = new Gauge({ name: "jlam_erasures_overdue", help: "Erasures that should have been done more than a day ago.", registers });
  const stopping = new AbortController();

  const runOnce = async (): Promise<void> => {
    try {
      const result = await runRetention(database, parts, logger);
      if (result !== undefined) logger.info(result, "what was due has been ended");
      const [last, counts] = [await lastRetention(database), await erasureCounts(database)];
      if (last !== undefined) lastSuccess.set(last.getTime() / 1000);
      waiting.set(counts.waiting);
      overdue.set(counts.overdue);
    } catch (error) {
      logger.error({ err: error }, "what was due could not be ended; it is tried again");
    }
  };

  const pause = (milliseconds: number): Promise<unknown> => sleep(milliseconds, undefined, { signal: stopping.signal }).catch(() => undefined);
  const running = (async () => {
    await pause(times.first);
    while (!stopping.signal.aborted) {
      await runOnce();
      await pause(times.interval);
    }
  })();

  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { Logger } from "pino";
import { z } from "zod";

import { withTimeLimit } from "../time-limit.ts";
import type { Tables } from "./tables.ts";

/** What operators want every visitor to know now. */
export const siteMessageSchema = z.object({ kind: z.enum(["notice", "maintenance"]), message: z.string() });
export type SiteMessage = Readonly<z.output<typeof siteMessageSchema>>;

/** Reads the message that holds now; maintenance goes before notices, newer before older. */
export async function readSiteMessage(database: Kysely<Tables>): Promise<SiteMessage | undefined> {
  return await database
    .selectFrom("site_message")
    .select(["kind", "message"])
    .where("starts_at", "<=", sql<Date>`now()`)
    .where("ends_at", ">", sql<Date>`now()`)
    .orderBy(sql`kind = 'maintenance'`, "desc")
    .orderBy("starts_at", "desc")
    .limit(1)
    .executeTakeFirst();
}

/** Times in milliseconds. */
export interface CacheTimes {
  /** How long a message is shown without asking again. */
  readonly fresh: number;
  /** How long a page waits for a new answer before it shows what is known. */
  readonly wait: number;
  /** How long a message may still be shown when the database doesn't answer. */
  readonly keep: number;
  /** How long the database is left alone after it failed. */
  readonly pause: number;
}

const TIMES: CacheTimes = { fresh: 30_000, wait: 250, keep: 3_600_000, pause: 5_000 };

/**
 * Remembers the site's message, so that pages don't depend on the database: at most one query runs at a time, a page
 * never waits longer than `wait`, and when the database is down the last known message is shown for `keep`, then none.
 */
export function createSiteMessageCache(
  read: () => Promise<SiteMessage | undefined>,
  logger: Logger,
  times: CacheTimes = TIMES,
): () => Promise<SiteMessage | undefined> {
  let known: { readonly value: SiteMessage | undefined; readonly at: number } | undefined;
  let nextRead = 0;
  let running: Promise<void> | undefined;

  const refresh = async (): Promise<void> => {
    try {
      known = { value: await read(), at: performance.now() };
      nextRead = performance.now() + times.fresh;
    } catch (error) {
      nextRead = performance.now() + times.pause;
      logger.warn({ err: error }, "the site's message can't be read; pages show the last known one");
    } finally {
      running = undefined;
    }
  };

  return async () => {
    if (running === undefined && performance.now() >= nextRead) running = refresh();
    const current = running;
    if (current !== undefined) await withTimeLimit(times.wait, () => current).catch(() => undefined);
    return known !== undefined && performance.now() - known.at < times.keep ? known.value : undefined;
  };
}

import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { Logger } from "pino";
import { z } from "zod";

import type { Tables } from "../database/tables.ts";
import type { AccessLog } from "../privacy/access-log.ts";
import { dueErasures, eraseForGood } from "../privacy/erasure.ts";
import type { ErasureParts } from "../privacy/erasure.ts";
import { RETENTION } from "../privacy/retention-periods.ts";

/** What one run did. */
export interface RetentionResult {
  readonly erased: number;
  /** Erasures that are due and did not succeed; the next run tries them again. */
  readonly failed: number;
  /** Members whose diary went, because they took their consent back. */
  readonly diaries: number;
  readonly accessRecords: number;
  readonly siteMessages: number;
}

/** Most rows of a kind that one run ends, so that it holds no lock for long; the next run goes on. */
const MOST_ROWS = 10_000;

/** Most people that one run erases: each asks the identity provider, which may take seconds. */
const MOST_ERASURES = 100;

/** Most members whose diary one run removes, some hundreds of rows each. */
const MOST_DIARIES = 100;

/** Any constant serves; this one spells "kept" so that it can be recognised in pg_locks. */
const ADVISORY_LOCK = 0x6b657074;

const lockSchema = z.tuple([z.object({ taken: z.boolean() })]);
const removedSchema = z.tuple([z.object({ removed: z.int() })]);
const membersSchema = z.array(z.object({ member_id: z.uuid() }));

async function eraseWhoIsDue(database: Kysely<Tables>, parts: ErasureParts, logger: Logger): Promise<Pick<RetentionResult, "erased" | "failed">> {
  let [erased, failed] = [0, 0];
  for (const due of await dueErasures(database, MOST_ERASURES)) {
    try {
      if (await eraseForGood(database, due, parts)) erased += 1;
    } catch (error) {
      failed += 1;
      // Neither whom nor which account: a failure must not be what keeps somebody's trace.
      logger.error({ err: error instanceof Error ? (error.cause ?? error) : error }, "an erasure that is due failed; it is tried again");
    }
  }
  return { erased, failed };
}

/** Removes diaries and records it, both or neither. */
async function removeWithdrawnDiaries(database: Kysely<Tables>, accessLog: AccessLog): Promise<number> {
  return await database.transaction().execute(async (transaction) => {
    const { rows } = await sql`
      select remove_withdrawn_diaries(${RETENTION.withdrawnDiaryDays}, ${MOST_DIARIES}) as member_id`.execute(transaction);
    const members = membersSchema.parse(rows);
    for (const { member_id: whom } of members) {
      await accessLog.record(transaction, { who: { role: "system" }, whom, data: "diary", action: "remove", why: "retention", result: "done" });
    }
    return members.length;
  });
}

async function removeOldAccessRecords(database: Kysely<Tables>): Promise<number> {
  const { rows } = await sql`select remove_old_access_records(${MOST_ROWS}) as removed`.execute(database);
  return removedSchema.parse(rows)[0].removed;
}

async function removeOldSiteMessages(database: Kysely<Tables>): Promise<number> {
  const old = database
    .selectFrom("site_message")
    .select("id")
    .where("ends_at", "<", sql<Date>`now() - make_interval(days => ${RETENTION.siteMessageDays}::integer)`)
    .limit(MOST_ROWS);
  const { numDeletedRows } = await database.deleteFrom("site_message").where("id", "in", old).executeTakeFirst();
  return Number(numDeletedRows);
}

/**
 * Ends everything whose time is over: erasures that were asked for, diaries without consent, access records older than the law asks for, notices
 * that nobody reads any more. Sessions need nothing, since Redis ends them by itself. It may run at any time and any
 * number of times; of two at once in any processes only one works, and the other says undefined.
 *
 * @throws what PostgreSQL throws; a failed erasure is counted, not thrown
 */
export async function runRetention(database: Kysely<Tables>, parts: ErasureParts, logger: Logger): Promise<RetentionResult | undefined> {
  return await database.connection().execute(async (connection) => {
    const { rows } = await sql`select pg_try_advisory_lock(${ADVISORY_LOCK}) as taken`.execute(connection);
    if (!lockSchema.parse(rows)[0].taken) return undefined;
    try {
      const erasures = await eraseWhoIsDue(connection, parts, logger);
      const result = {
        ...erasures,
        diaries: await removeWithdrawnDiaries(connection, parts.accessLog),
        accessRecords: await removeOldAccessRecords(connection),
        siteMessages: await removeOldSiteMessages(connection),
      };
      if (result.failed === 0) {
        const succeeded = { succeeded_at: sql<Date>`now()` };
        await connection
          .insertInto("retention_run")
          .values(succeeded)
          .onConflict((conflict) => conflict.column("only_row").doUpdateSet(succeeded))
          .execute();
      }
      return result;
    } finally {
      await sql`select pg_advisory_unlock(${ADVISORY_LOCK})`.execute(connection);
    }
  });
}

/** When a run last did everything that was due, in whichever process; undefined if none ever did. */
export async function lastRetention(database: Kysely<Tables>): Promise<Date | undefined> {
  return (await database.selectFrom("retention_run").select("succeeded_at").executeTakeFirst())?.succeeded_at;
}

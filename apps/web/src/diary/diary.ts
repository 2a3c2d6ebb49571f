import type { Kysely, Transaction } from "kysely";
import { sql } from "kysely";

import { asMember } from "../database/members.ts";
import type { Tables } from "../database/tables.ts";
import { ownAccess } from "../privacy/access-log.ts";
import type { AccessLog } from "../privacy/access-log.ts";
import { hasConsent } from "../privacy/consents.ts";
import { day } from "./day.ts";
import type { Day } from "./day.ts";
import { MEASURES } from "./measures.ts";
import type { MeasureKey } from "./measures.ts";

/** What was measured on a day. */
export type DiaryValues = Readonly<Partial<Record<MeasureKey, number>>>;

/** One day of somebody's diary. */
export interface DiaryEntry {
  readonly day: Day;
  readonly values: DiaryValues;
}

/**
 * Members' diaries. Without consent to health data (article 9 of the GDPR) nothing is shown and nothing is kept; what is
 * there can always be removed. Every touch is recorded in the access log.
 */
export interface Diary {
  /** The entries from `from` up to and including `to`, oldest first; undefined without consent. */
  read(memberId: string, from: Day, to: Day): Promise<readonly DiaryEntry[] | undefined>;
  /** Keeps the day as it is given, in place of what was kept of it before; false without consent. */
  put(memberId: string, entry: DiaryEntry): Promise<boolean>;
  /** Forgets the day; a day that isn't there is forgotten already. */
  remove(memberId: string, day: Day): Promise<void>;
}

interface Row extends Readonly<Record<MeasureKey, number | null>> {
  readonly day: string;
}

function toEntry(row: Row): DiaryEntry {
  const values: Partial<Record<MeasureKey, number>> = {};
  for (const key of MEASURES) {
    const value = row[key];
    if (value !== null) values[key] = value;
  }
  return { day: day(row.day), values };
}

/** The day for a comparison with the column, which the driver takes for a moment. */
const asDate = (value: Day) => sql<Date>`${value}::date`;

/** The rows of the member whom `transaction` named, oldest first. */
async function readEntries(transaction: Transaction<Tables>, memberId: string, from: Day, to: Day): Promise<readonly DiaryEntry[]> {
  const rows = await transaction
    .selectFrom("diary_entry")
    .select([
      sql<string>`day::text`.as("day"),
      sql<number | null>`weight::float8`.as("weight"),
      sql<number | null>`glucose::float8`.as("glucose"),
      "steps",
      sql<number | null>`sleep::float8`.as("sleep"),
      "mood",
    ])
    .where("member_id", "=", memberId)
    .where("day", ">=", asDate(from))
    .where("day", "<=", asDate(to))
    .orderBy("diary_entry.day")
    .execute();
  return rows.map(toEntry);
}

/**
 * The diaries in `database`, each touched only in a transaction of its member. Consent is asked and the access recorded
 * in that same transaction: a consent that is being withdrawn can't be outrun, and what can't be recorded isn't shown.
 */
export function createDiary(database: Kysely<Tables>, accessLog: Pick<AccessLog, "record">): Diary {
  return {
    async read(memberId, from, to) {
      return await asMember(database, memberId, async (transaction) => {
        if (!(await hasConsent(transaction, memberId, "health-data"))) return undefined;
        await accessLog.record(transaction, ownAccess(memberId, "diary", "read"));
        return await readEntries(transaction, memberId, from, to);
      });
    },
    async put(memberId, entry) {
      return await asMember(database, memberId, async (transaction) => {
        if (!(await hasConsent(transaction, memberId, "health-data"))) return false;
        await accessLog.record(transaction, ownAccess(memberId, "diary", "write"));
        const { weight = null, glucose = null, steps = null, sleep = null, mood = null } = entry.values;
        const values = { weight, glucose, steps, sleep, mood, written_at: sql<Date>`now()` };
        await transaction
          .insertInto("diary_entry")
          .values({ member_id: memberId, day: entry.day, ...values })
          .onConflict((conflict) => conflict.columns(["member_id", "day"]).doUpdateSet(values))
          .execute();
        return true;
      });
    },
    async remove(memberId, which) {
      await asMember(database, memberId, async (transaction) => {
        await accessLog.record(transaction, ownAccess(memberId, "diary", "remove"));
        await transaction.deleteFrom("diary_entry").where("member_id", "=", memberId).where("day", "=", asDate(which)).execute();
      });
    },
  };
}

import type { Kysely } from "kysely";
import { sql } from "kysely";
import { z } from "zod";

import type { Tables } from "./tables.ts";

const count = z.coerce.number().int().min(0);

/** How many, and never who. Days, weeks of seven and months of thirty days end now. */
export const platformCountsSchema = z.object({
  members: count,
  signUps: z.object({ day: count, week: count, month: count }),
  /** Members who wrote in their diary. */
  active: z.object({ day: count, week: count, month: count }),
  entries: count,
});
export type PlatformCounts = Readonly<z.output<typeof platformCountsSchema>>;

/** The driver gives numbers of eight bytes as text. */
const rowSchema = z.object({
  members: count,
  sign_ups_day: count,
  sign_ups_week: count,
  sign_ups_month: count,
  active_day: count,
  active_week: count,
  active_month: count,
  entries: count,
});

/** Counts across all members, which the application may do by no other way: see migration 3. */
export async function readPlatformCounts(database: Kysely<Tables>): Promise<PlatformCounts> {
  const { rows } = await sql`select * from platform_counts()`.execute(database);
  const row = rowSchema.parse(rows[0]);
  return {
    members: row.members,
    signUps: { day: row.sign_ups_day, week: row.sign_ups_week, month: row.sign_ups_month },
    active: { day: row.active_day, week: row.active_week, month: row.active_month },
    entries: row.entries,
  };
}

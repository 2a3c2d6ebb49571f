import type { Kysely } from "kysely";
import { sql } from "kysely";
import { z } from "zod";

import type { PlatformCounts } from "../database/platform-counts.ts";
import type { Tables } from "../database/tables.ts";
import { presentText } from "../privacy/purposes.ts";
import type { PurposeName } from "../privacy/purposes.ts";

/** What PostgreSQL's driver makes of a bigint. */
const countSchema = z.coerce.number().int();

const erasuresSchema = z.tuple([z.object({ waiting: countSchema, overdue: countSchema })]);
const consentsSchema = z.array(z.object({ purpose: z.string(), version: z.int(), given: countSchema }));
const daysSchema = z.array(z.object({ day: z.string(), entries: countSchema }));

/** How many erasures were asked for and not done, and how many of them should have been done more than a day ago. */
export async function erasureCounts(database: Kysely<Tables>): Promise<{ readonly waiting: number; readonly overdue: number }> {
  const { rows } = await sql`select waiting, overdue from erasure_counts()`.execute(database);
  return erasuresSchema.parse(rows)[0];
}

/** How many members agree to each purpose, in the wording of now. */
export async function consentCounts(database: Kysely<Tables>): Promise<Readonly<Record<PurposeName, number>>> {
  const { rows } = await sql`select purpose, version, given from consent_counts()`.execute(database);
  const counts = consentsSchema.parse(rows);
  const given = (purpose: PurposeName): number =>
    counts.find((count) => count.purpose === purpose && count.version === presentText(purpose).version)?.given ?? 0;
  return { "health-data": given("health-data"), research: given("research"), newsletter: given("newsletter") };
}

/** Entries by the day on which they were written, latest first; days without any are left out. */
export async function entryCounts(database: Kysely<Tables>, days: number): Promise<readonly { readonly day: string; readonly entries: number }[]> {
  const { rows } = await sql`select day::text, entries from entry_counts(${days}) order by day desc`.execute(database);
  return daysSchema.parse(rows);
}

/** Everything that the operators' page shows. */
export interface OperatorCounts {
  readonly platform: PlatformCounts;
  readonly consents: Readonly<Record<PurposeName, number>>;
  readonly erasures: { readonly waiting: number; readonly overdue: number };
  readonly days: readonly { readonly day: string; readonly entries: number }[];
}

/** A number that could be traced to a person is hidden: from one to four people know each other, or can be asked. */
export const shown = (count: number): string => (count > 0 && count < 5 ? "minder dan 5" : new Intl.NumberFormat("nl-NL").format(count));


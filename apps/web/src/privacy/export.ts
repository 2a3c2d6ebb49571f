import { stringify } from "csv-stringify/sync";
import type { Transaction } from "kysely";
import { sql } from "kysely";
import { z } from "zod";

import type { Tables } from "../database/tables.ts";
import { personalTables } from "./personal-data.ts";
import type { ExportableTable } from "./personal-data.ts";

const valueSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);
type Value = z.output<typeof valueSchema>;

/** Everything that one table holds about a person. */
export interface ExportedPart {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Value[])[];
}

/** What is known about a person, part by part. */
export interface PersonalExport {
  readonly made: Date;
  readonly parts: readonly ExportedPart[];
}

/** Whose data is exported. */
export interface ExportedPerson {
  readonly memberId: string;
  readonly accessPseudonym: string;
  /** As the session knows it; no table does. */
  readonly name: string;
}

const rowsSchema = z.array(z.object({ row: z.record(z.string(), z.unknown()) }));

async function exportTable(transaction: Transaction<Tables>, name: string, table: ExportableTable, person: ExportedPerson): Promise<ExportedPart> {
  const exported = Object.entries(table.columns).flatMap(([column, said]) => ("title" in said ? [{ column, title: said.title }] : []));
  const value = table.person.is === "member-id" ? person.memberId : person.accessPseudonym;
  const { rows } = await sql`
    select to_jsonb(t) as row from ${sql.table(name)} t
    where ${sql.ref(`t.${table.person.column}`)}::text = ${value}
    order by ${sql.ref(`t.${table.sortedBy}`)}`.execute(transaction);
  return {
    title: table.title,
    columns: exported.map(({ title }) => title),
    rows: rowsSchema.parse(rows).map(({ row }) => exported.map(({ column }) => valueSchema.parse(row[column]))),
  };
}

/**
 * Everything that database and session hold about a person. For a transaction of that member, so that the database itself
 * keeps everybody else out.
 */
export async function exportPerson(transaction: Transaction<Tables>, person: ExportedPerson, made: Date): Promise<PersonalExport> {
  await sql`select set_config('app.access_pseudonym', ${person.accessPseudonym}, true)`.execute(transaction);
  const parts: ExportedPart[] = [{ title: "Zolang je bent ingelogd", columns: ["Naam"], rows: [[person.name]] }];
  for (const [name, table] of Object.entries<ExportableTable>(personalTables)) parts.push(await exportTable(transaction, name, table, person));
  return { made, parts };
}

/** For programs: every row with its names, moments in UTC as ISO 8601. */
export function exportAsJson({ made, parts }: PersonalExport): string {
  const gegevens: Record<string, readonly Readonly<Record<string, Value | undefined>>[]> = {};
  for (const { title, columns, rows } of parts) {
    gegevens[title] = rows.map((row) => Object.fromEntries<Value | undefined>(columns.map((column, index) => [column, row[index]])));
  }
  return `${JSON.stringify({ gemaakt: made.toISOString(), gegevens }, null, 2)}\n`;
}

/** A number as a Dutch spreadsheet reads it. */
const dutchNumber = new Intl.NumberFormat("nl-NL", { useGrouping: false, maximumFractionDigits: 10 });

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/** Swedish writes moments as 2026-11-22 06:15:00, which every spreadsheet reads. */
const spreadsheetMoment = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "medium", timeZone: "Europe/Amsterdam" });

function spreadsheetText(value: Value): string {
  if (typeof value === "number") return dutchNumber.format(value);
  const text = String(value ?? "");
  return TIMESTAMP.test(text) ? spreadsheetMoment.format(new Date(text)) : text;
}

/**
 * For spreadsheets as people in the Netherlands have them: semicolons, decimal commas, and a mark that says UTF-8. The
 * parts stand below each other, each with its title and the names of its columns. What a spreadsheet would take for a
 * formula begins with an apostrophe.
 */
export function exportAsCsv({ parts }: PersonalExport): string {
  const lines = parts.flatMap(({ title, columns, rows }) => [
    [title],
    columns,
    ...rows.map((row) => row.map(spreadsheetText)),
    [""],
  ]);
  return stringify(lines.map((line) => [...line]), { bom: true, delimiter: ";", record_delimiter: "windows", escape_formulas: true });
}

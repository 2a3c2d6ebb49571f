/** What a database holds, in numbers by which a restored copy is compared with its source. */
import { z } from "zod";
import type pg from "pg";

export const contentSchema = z.strictObject({
  /** Rows of each table and the sum of their hashes, which no order of rows changes. */
  tables: z.array(z.strictObject({ name: z.string(), rows: z.string(), hash: z.string() })),
  sequences: z.array(z.strictObject({ name: z.string(), last: z.string().nullable() })),
  extensions: z.array(z.strictObject({ name: z.string(), version: z.string() })),
  largeObjects: z.string(),
});
export type Content = z.infer<typeof contentSchema>;

/** Tables and materialised views whose rows are in a dump: none of the system's, of other sessions, or of an extension. */
const tables = `
  SELECT format('%I.%I', n.nspname, c.relname) AS name
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  ORDER BY 1`;

/**
 * Reads every row of every table, in the transaction that `client` is in.
 * Throws what the server says where a table can't be read; with row security off, that includes one whose rows would be
 * hidden from this role.
 */
export async function readContent(client: pg.Client): Promise<Content> {
  const named = await client.query<{ name: string }>(tables);
  const contents: Content["tables"] = [];
  for (const { name } of named.rows) {
    // The name comes quoted from the server's own format().
    const { rows } = await client.query<{ rows: string; hash: string }>(
      `SELECT count(*)::text AS rows, coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text AS hash FROM ONLY ${name} t`,
    );
    contents.push({ name, rows: rows[0]?.rows ?? "", hash: rows[0]?.hash ?? "" });
  }
  const sequences = await client.query<{ name: string; last: string | null }>(
    "SELECT format('%I.%I', schemaname, sequencename) AS name, last_value::text AS last FROM pg_sequences ORDER BY 1",
  );
  const extensions = await client.query<{ name: string; version: string }>("SELECT extname AS name, extversion AS version FROM pg_extension ORDER BY 1");
  const largeObjects = await client.query<{ count: string }>("SELECT count(*)::text AS count FROM pg_largeobject_metadata");
  return { tables: contents, sequences: sequences.rows, extensions: extensions.rows, largeObjects: largeObjects.rows[0]?.count ?? "" };
}

/** What the server answers to an application's own question, which names its tables with their schema. */
export async function readAnswer(client: pg.Client, question: string): Promise<string> {
  const { rows } = await client.query<unknown[]>({ text: question, rowMode: "array" });
  return JSON.stringify(rows);
}

/**
 * What differs, in words; empty when the copy equals its source. A sequence may be further than it was, since others
 * count on while a dump begins; one that is behind would give numbers that are taken. (One that counts down and was used
 * in that moment is reported too: look at it, and verify the next set.)
 */
export function differences(source: Content, copy: Content): readonly string[] {
  const found: string[] = [];
  const compare = <T extends { readonly name: string }>(what: string, left: readonly T[], right: readonly T[]): void => {
    const copies = new Map(right.map((entry) => [entry.name, entry]));
    for (const entry of left) {
      const other = copies.get(entry.name);
      copies.delete(entry.name);
      if (other === undefined) found.push(`the ${what} ${entry.name} is missing`);
      else if (JSON.stringify(entry) !== JSON.stringify(other)) found.push(`the ${what} ${entry.name} differs: ${JSON.stringify(entry)} became ${JSON.stringify(other)}`);
    }
    for (const name of copies.keys()) found.push(`the ${what} ${name} is new`);
  };
  compare("table", source.tables, copy.tables);
  const reached = new Map(copy.sequences.map(({ name, last }) => [name, last]));
  const expected = source.sequences.map(({ name, last }) => ({ name, last: further(last, reached.get(name) ?? null) }));
  compare("sequence", expected, copy.sequences);
  compare("extension", source.extensions, copy.extensions);
  if (source.largeObjects !== copy.largeObjects) found.push(`${source.largeObjects} large objects became ${copy.largeObjects}`);
  return found;
}

/** The further of a sequence's positions; null is one that was never used. */
const further = (a: string | null, b: string | null): string | null => (a !== null && b !== null && BigInt(b) > BigInt(a) ? b : (a ?? b));

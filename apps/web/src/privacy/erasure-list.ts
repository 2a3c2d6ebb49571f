import type { Kysely } from "kysely";
import { sql } from "kysely";
import { z } from "zod";

import type { ErasureHashes } from "./erasure.ts";

const entrySchema = z.object({
  member: z.string().regex(/^[0-9a-f]{64}$/),
  account: z.string().regex(/^[0-9a-f]{64}$/),
  erasedAt: z.iso.datetime(),
});

/** One person who was erased, as the list says it: keyed hashes and when. */
export type ErasedPerson = Readonly<z.output<typeof entrySchema>>;

/** A line of a list that can't be read. */
export class WrongList extends Error {
  override readonly name = "WrongList";
}

/** How many members are compared at a time. */
const BATCH = 1_000;

const listSchema = z.array(z.object({ member_hash: z.string(), account_hash: z.string(), erased_at: z.date() }));
const idsSchema = z.array(z.object({ id: z.uuid() }));

/** Everybody who was erased from this database, first to last. Only the owner of the table sees it. */
export async function readErasureList(database: Kysely<unknown>): Promise<readonly ErasedPerson[]> {
  const { rows } = await sql`select member_hash, account_hash, erased_at from erased_person order by erased_at, member_hash`.execute(database);
  return listSchema.parse(rows).map((row) => ({ member: row.member_hash, account: row.account_hash, erasedAt: row.erased_at.toISOString() }));
}

/** One JSON object a line, so that a longer list begins with the shorter one. */
export const writeErasureList = (list: readonly ErasedPerson[]): string => list.map((person) => `${JSON.stringify(person)}\n`).join("");

/**
 * Reads what {@link writeErasureList} wrote.
 *
 * @throws WrongList naming the line
 */
export function parseErasureList(text: string): readonly ErasedPerson[] {
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    try {
      return [entrySchema.parse(JSON.parse(line))];
    } catch (error) {
      throw new WrongList(`Line ${index + 1} is no entry of an erasure list. Fix: give what "erasures.js list" printed, whole and unchanged.`, { cause: error });
    }
  });
}

/**
 * Erases everybody on `list` from a database that was restored from before they were erased, all or nobody, and makes
 * the list whole there. Runs as the owner of the tables. A second time it finds nobody.
 *
 * @returns how many were found and erased
 */
export async function replayErasures(database: Kysely<unknown>, list: readonly ErasedPerson[], hashes: ErasureHashes): Promise<number> {
  return await database.transaction().execute(async (transaction) => {
    for (const { member, account, erasedAt } of list) {
      await sql`
        insert into erased_person (member_hash, account_hash, erased_at)
        values (${member}, ${account}, ${erasedAt}) on conflict do nothing`.execute(transaction);
    }
    // With the entries that the dump itself had: a replay needs no thought about which list is the longer one.
    const erased = new Set((await readErasureList(transaction)).map((person) => person.member));
    let [found, after] = [0, "00000000-0000-0000-0000-000000000000"];
    for (;;) {
      const { rows } = await sql`select id from member where id > ${after}::uuid order by id limit ${BATCH}`.execute(transaction);
      const ids = idsSchema.parse(rows).map(({ id }) => id);
      const last = ids.at(-1);
      if (last === undefined) return found;
      after = last;
      for (const id of ids.filter((candidate) => erased.has(hashes.member(candidate)))) {
        await sql`delete from member where id = ${id}`.execute(transaction);
        found += 1;
      }
    }
  });
}

/** Who was erased, kept beside the sets: a set is older than its last erasures, and a restore must not bring anybody back. */
import pg from "pg";
import { z } from "zod";
import { connect, type DatabaseAddress } from "../database/session.ts";
import { BackupError } from "../failure.ts";
import type { Decryption } from "../keys/decryption.ts";
import type { Keyring, Signatures } from "../keys/keyring.ts";
import { runPrograms } from "../programs/pipeline.ts";
import { listKeys, readText, writeOnce, type Store } from "../store/store.ts";
import { erasuresKey, erasuresPrefix } from "./names.ts";

/** A list as the bucket holds it: its database, and the lines, encrypted for the keys of the sets. */
const keptSchema = z.strictObject({ database: z.string(), lines: z.string() });

/** The lines that the application's own query gives, oldest first. */
export async function readErasures(client: pg.Client, query: string): Promise<readonly string[]> {
  const { rows } = await client.query<unknown[]>({ text: query, rowMode: "array" });
  return rows.map(([line]) => String(line));
}

/** The same by a connection of its own. Empty where the application's tables aren't there yet. */
export async function lookUpErasures(address: DatabaseAddress, query: string): Promise<readonly string[]> {
  const client = await connect(address);
  try {
    return await readErasures(client, query);
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === undefinedTable) return [];
    throw error;
  } finally {
    await client.end();
  }
}

/** SQLSTATE of a table that isn't there. */
const undefinedTable = "42P01";

/** Puts the list into the bucket, encrypted and signed; locked for twice as long as a set, which it must outlive. */
export async function keepErasures(store: Store, keyring: Keyring, database: string, lines: readonly string[], now: Date, keepSeconds: number): Promise<void> {
  const text = JSON.stringify({ database, lines: await keyring.encrypt(lines.map((line) => `${line}\n`).join("")) });
  await writeOnce(store, erasuresKey(database, now), await keyring.sign(`${text}\n`), new Date(now.getTime() + 2 * keepSeconds * 1000));
}

/**
 * Everybody who was ever erased from a database, as lines: all lists together, since a database that was just restored
 * has a shorter one than before. Empty where nobody was.
 * @throws BackupError when a list is forged, damaged, or not for this key: a restore must not go on without it
 */
export async function everyErasure(store: Store, signatures: Signatures, decryption: Decryption, database: string): Promise<string> {
  const lines = new Set<string>();
  for (const key of await listKeys(store, erasuresPrefix(database))) {
    const kept = keptSchema.parse(JSON.parse(await signatures.verify((await readText(store, key)) ?? "")));
    if (kept.database !== database) throw new BackupError(`${key} is the list of ${kept.database}.`, { fix: "Find out who put it there; an older version of the object may be the right one." });
    for (const line of (await runPrograms([decryption.program], kept.lines)).split("\n")) if (line !== "") lines.add(`${line}\n`);
  }
  return [...lines].join("");
}

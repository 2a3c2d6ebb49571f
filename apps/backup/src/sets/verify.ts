/** Proves a set: reads every object back, and restores its databases into a throwaway server and compares. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { Transform } from "node:stream";
import { pipeline as joined } from "node:stream/promises";
import { differences, readAnswer, readContent, type Content } from "../database/content.ts";
import { checkIndexes, decompress, programsOf, restore, writePasswordFile } from "../database/programs.ts";
import { connect, type DatabaseAddress } from "../database/session.ts";
import { BackupError, messageOf } from "../failure.ts";
import type { Decryption } from "../keys/decryption.ts";
import type { Keyring } from "../keys/keyring.ts";
import { runPrograms, startPipeline, type Program } from "../programs/pipeline.ts";
import { readObject, readText, writeOnce, type Store } from "../store/store.ts";
import type { ListedSet } from "./list.ts";
import type { Manifest, SetObject } from "./manifest.ts";
import { manifestKey, markerKey } from "./names.ts";

type UsableSet = Extract<ListedSet, { kind: "set" }>;

/**
 * Reads every object of the set and compares size and hash with the manifest. Needs no private key, and shows that the
 * store still holds what was sent; that it can be restored, only {@link verifyRestored} shows.
 * @throws BackupError that names every object that is damaged or missing
 */
export async function verifyStored(store: Store, { manifest }: UsableSet): Promise<void> {
  const wrong: string[] = [];
  for (const object of manifest.objects) {
    const problem = await hashed(store, object).then((found) => mismatch(object, found), (error: unknown) => `${object.key}: ${messageOf(error)}`);
    if (problem !== undefined) wrong.push(problem);
  }
  if (wrong.length > 0) throw damaged(manifest.id, wrong);
}

const damaged = (id: string, wrong: readonly string[]): BackupError =>
  new BackupError(`The set ${id} isn't what was sent: ${wrong.join("; ")}.`, { fix: "Don't count on it. Make a new set, and look at what the store says about these objects." });

interface Found {
  readonly bytes: number;
  readonly sha256: string;
}

async function hashed(store: Store, { key }: SetObject): Promise<Found> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of await readObject(store, key)) {
    hash.update(chunk as Uint8Array);
    bytes += (chunk as Uint8Array).length;
  }
  return { bytes, sha256: hash.digest("hex") };
}

const mismatch = ({ key, bytes, sha256 }: SetObject, found: Found): string | undefined =>
  found.bytes !== bytes ? `${key} has ${found.bytes} bytes instead of ${bytes}` : found.sha256 !== sha256 ? `${key} has other bytes` : undefined;

/** Where a set is restored to be looked at: an empty server of the same major version that nobody else uses. */
export interface ThrowawayServer {
  readonly address: Omit<DatabaseAddress, "id" | "name">;
  /** Folder of PostgreSQL's programs by major version. */
  readonly postgresPrograms: string;
  /** The application's own question about a database, where it has one. */
  readonly question?: (database: string) => string | undefined;
}

/** How a database differs from what the manifest says of its source; empty when it is equal. */
export async function compareDatabase(address: DatabaseAddress, source: Manifest["databases"][number], question: string | undefined): Promise<readonly string[]> {
  const copy = await connect(address);
  try {
    const content: Content = await readContent(copy);
    const found = differences(source.content, content);
    // Without the same tables there is nothing that could answer.
    if (question === undefined || source.answer === null || found.length > 0) return found;
    const answer = await readAnswer(copy, question);
    return answer === source.answer ? [] : [`the application's question is answered with ${answer} instead of ${source.answer}`];
  } finally {
    await copy.end();
  }
}

/**
 * Restores every database of the set and compares it with what the manifest says of its source: rows and hash of each
 * table, sequences, extensions. Archives and the repository are decrypted to their end. When all agree, the set is marked
 * as verified.
 *
 * GnuPG hands plaintext on before it has checked the whole, so what was restored counts only after every program has
 * exited with 0 and the object's hash is that of the signed manifest.
 *
 * @throws BackupError that names everything that differs; the set then stays unverified
 */
export async function verifyRestored(store: Store, keyring: Keyring, { id, manifest, marker: known }: UsableSet, decryption: Decryption, server: ThrowawayServer): Promise<void> {
  const began = performance.now();
  const wrong: string[] = [];
  for (const object of manifest.objects) {
    const problems = await proven(store, manifest, object, decryption, server).catch((error: unknown) => [`${object.key}: ${messageOf(error)}`]);
    wrong.push(...problems);
  }
  if (wrong.length > 0) throw damaged(id, wrong);
  // A set never changes: the marker of the first time stays true.
  if (known !== undefined) return;
  const signed = (await readText(store, manifestKey(id))) ?? "";
  const marker = { id, verifiedAt: new Date().toISOString(), seconds: (performance.now() - began) / 1000, manifestSha256: createHash("sha256").update(signed).digest("hex") };
  await writeOnce(store, markerKey(id), await keyring.sign(`${JSON.stringify(marker, null, 2)}\n`), new Date(manifest.lockedUntil));
}

async function proven(store: Store, manifest: Manifest, object: SetObject, decryption: Decryption, server: ThrowawayServer): Promise<readonly string[]> {
  switch (object.kind) {
    case "database":
      return provenDatabase(store, manifest, object, decryption, server);
    case "roles":
      return drained(store, object, [decryption.program, decompress]);
    case "volume":
      return drained(store, object, [decryption.program, decompress, { command: "tar", args: ["--list", "--file=-"] }]);
    case "repository":
      return drained(store, object, [decryption.program]);
    case "machine":
      return drained(store, object, [decryption.program, { command: "tar", args: ["--list", "--file=-"] }]);
  }
}

async function provenDatabase(store: Store, manifest: Manifest, object: SetObject, decryption: Decryption, server: ThrowawayServer): Promise<readonly string[]> {
  const source = manifest.databases.find(({ id }) => id === object.of);
  if (source === undefined) return [`${object.key} is of no database that the manifest names`];
  const bin = await programsOf(source.major, server.postgresPrograms);
  const name = `verify_${source.name}`;
  const address: DatabaseAddress = { ...server.address, id: object.of, name };
  const administration = await connect({ ...address, name: "postgres" });
  const password = await writePasswordFile(address);
  try {
    await administration.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
    await administration.query(`CREATE DATABASE "${name}" TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C.UTF-8'`);
    const problems = await drained(store, object, [decryption.program, decompress, restore(bin, address, password)]);
    if (problems.length > 0) return problems;
    const found = await compareDatabase(address, source, server.question?.(object.of));
    // Last, since it brings an extension of its own.
    await runPrograms([checkIndexes(bin, address, password)]);
    return found.map((difference) => `${object.of}: ${difference}`);
  } finally {
    await administration.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`).catch(() => undefined);
    await administration.end();
    await password.remove();
  }
}

/** Sends an object through programs to their end; says what was wrong with its bytes. */
async function drained(store: Store, object: SetObject, programs: readonly [Program, ...Program[]]): Promise<readonly string[]> {
  const running = startPipeline(programs, { takesInput: true });
  try {
    running.output.resume();
    const hash = createHash("sha256");
    let bytes = 0;
    const watch = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        bytes += chunk.length;
        done(null, chunk);
      },
    });
    const input = running.input;
    if (input === undefined) throw new RangeError("A pipeline that takes input has one.");
    const fed = joined(await readObject(store, object.key), watch, input);
    // Whatever ends first by failing is the cause: a program that gives up closes the pipe on the store's stream.
    await Promise.all([running.finished, fed]);
    if (!running.output.readableEnded) await once(running.output, "end");
    const problem = mismatch(object, { bytes, sha256: hash.digest("hex") });
    return problem === undefined ? [] : [problem];
  } catch (error) {
    running.stop();
    await running.finished.catch(() => undefined);
    return [`${object.key}: ${messageOf(error)}`];
  }
}

/** The engine's part in a recovery: giving objects out as plain bytes, comparing what came back, keeping what a drill found. */
import { text } from "node:stream/consumers";
import { BackupError } from "./failure.ts";
import { withDecryption } from "./keys/decryption.ts";
import type { Keyring, Signatures } from "./keys/keyring.ts";
import { drillReportSchema, keepReport } from "./sets/drills.ts";
import { everyErasure } from "./sets/erasures.ts";
import { findSet } from "./sets/list.ts";
import { takeMachine } from "./sets/machine.ts";
import { manifestSchema, objectKinds, type SetObject } from "./sets/manifest.ts";
import { objectOf, readPlain } from "./sets/read.ts";
import { compareDatabase } from "./sets/verify.ts";
import type { Settings } from "./settings.ts";
import type { Store } from "./store/store.ts";

/** Tells a result, as JSON or as words. */
export type Print = (json: unknown, words: string) => void;

interface Wanted {
  /** The newest usable set where it isn't named. */
  readonly id: string | undefined;
  readonly of: string;
  readonly kind: string;
  readonly keyFile: string;
}

/** Writes one object to the standard output. @throws BackupError when it isn't there, or isn't what was sent */
export async function read(store: Store, signatures: Signatures, { id, of, kind, keyFile }: Wanted): Promise<void> {
  const { manifest } = await findSet(store, signatures, id);
  const object = objectOf(manifest, of, knownKind(kind));
  await withDecryption(keyFile, (decryption) => readPlain(store, object, decryption));
}

function knownKind(kind: string): SetObject["kind"] {
  const known = objectKinds.find((each) => each === kind);
  if (known !== undefined) return known;
  throw new BackupError(`There are no objects of the kind "${kind}".`, { fix: `There are: ${objectKinds.join(", ")}.` });
}

/** Writes the list of who was erased from a database to the standard output, a line each. */
export async function erasures(store: Store, signatures: Signatures, database: string, keyFile: string): Promise<void> {
  process.stdout.write(await withDecryption(keyFile, (decryption) => everyErasure(store, signatures, decryption, database)));
}

export async function publicKey(signatures: Signatures): Promise<void> {
  process.stdout.write(await signatures.publicKey());
}

export async function takeFromMachine(keyring: Keyring, path: string, print: Print): Promise<void> {
  await takeMachine(process.stdin, keyring, path);
  print({ machine: "taken" }, "What the machine has is part of every set from now on, encrypted.\n");
}

/** Compares a database as it is now with a manifest. @throws BackupError that names every difference */
export async function compare({ plan }: Settings, id: string, print: Print): Promise<void> {
  const manifest = manifestSchema.parse(JSON.parse(await text(process.stdin)));
  const source = manifest.databases.find((database) => database.id === id);
  const address = plan.databases.find((database) => database.id === id);
  if (source === undefined || address === undefined) throw new BackupError(`${id} is in ${source === undefined ? "no set of this manifest" : "no plan of this environment"}.`, { fix: "Restore it into an environment that has it." });
  const found = await compareDatabase(address, source, plan.applications.find(({ database }) => database === id)?.question);
  if (found.length > 0) throw new BackupError(`${id} isn't what the set ${manifest.id} says: ${found.join("; ")}.`, { fix: "Don't let anybody work with it; take another set." });
  print({ id, tables: source.content.tables.length, equal: true }, `${id}: ${source.content.tables.length} tables are equal to the set's.\n`);
}

export async function keepDrill(store: Store, keyring: Keyring, print: Print): Promise<void> {
  const report = drillReportSchema.parse(JSON.parse(await text(process.stdin)));
  await keepReport(store, keyring, report);
  print({ drill: "kept" }, "The report is kept beside the sets, signed and locked.\n");
}

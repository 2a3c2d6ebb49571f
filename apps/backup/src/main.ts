/** The engine's command line. `jlam backup`, `jlam restore` and `jlam drill` call it, in its container or on an empty machine. */
import { parseArgs } from "node:util";
import { AlreadyRunning, BackupError, messageOf } from "./failure.ts";
import { compare, erasures, keepDrill, publicKey, read, takeFromMachine, type Print } from "./recovery.ts";
import { openKeyring } from "./keys/keyring.ts";
import { withDecryption } from "./keys/decryption.ts";
import { findSet, listSets, type ListedSet } from "./sets/list.ts";
import { copySets } from "./sets/copy.ts";
import { pruneSets } from "./sets/prune-run.ts";
import { takeRepository } from "./sets/repository.ts";
import { makeSet } from "./sets/run.ts";
import { verifyRestored, verifyStored } from "./sets/verify.ts";
import { readPrunerSettings, readReaderSettings, readSettings, type Settings } from "./settings.ts";
import { openStore, type Store, type StoreSettings } from "./store/store.ts";
import { openSignatures, type Keyring, type Signatures } from "./keys/keyring.ts";
import { copyInWords, progressInWords, prunedInWords, setInWords, setsInWords } from "./words.ts";

const usage = `Usage: backup COMMAND [--json]
  run                      make a set now
  list                     the sets that there are, newest first
  show [SET]               what is in a set; the newest unless named
  verify [SET]             read a set back and compare its hashes
  verify [SET] --key FILE --host HOST --user USER --password-file FILE [--port PORT]
                           restore it into a throwaway server and compare its content
  copy                     bring the sets that the second region lacks there
  prune                    remove sets whose time is over, with the pruner's own logins
  repository               take the git bundle of the repository from the standard input, for all sets from now on
  machine                  take an archive of what the machine has beside it, and encrypt it at once
  read [SET] --of ID --kind KIND --key FILE
                           write an object of a set as plain bytes
  erasures --of ID --key FILE
                           write who was erased from a database
  compare --of ID          compare a database with a manifest from the standard input
  public-key               write the key by which manifests are recognised
  drill                    take the report of a drill from the standard input and keep it
A key's FILE is "-" for the standard input. With --from-copy, list, show, verify, read and erasures read the second region.
`;

/** Exit codes: 1 for failures, 64 (EX_USAGE) for a wrong call, 75 (EX_TEMPFAIL) while another run goes on. */
const exitCodes = { failure: 1, usage: 64, running: 75 } as const;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    "from-copy": { type: "boolean", default: false },
    key: { type: "string" },
    of: { type: "string" },
    kind: { type: "string" },
    host: { type: "string" },
    port: { type: "string", default: "5432" },
    user: { type: "string" },
    "password-file": { type: "string" },
  },
});

const print: Print = (json, words) => void process.stdout.write(values.json ? `${JSON.stringify(json)}\n` : words);

/** @throws BackupError when the option wasn't said */
function need(option: "key" | "of" | "kind" | "host" | "user" | "password-file"): string {
  const value = values[option];
  if (value === undefined) throw new BackupError(`--${option} is missing.`, { fix: "`backup` alone tells how it is called." });
  return value;
}

async function main(): Promise<void> {
  const [command, id] = positionals;
  switch (command) {
    case "run": {
      const manifest = await makeSet(await readSettings(process.env), (progress) => print(progress, progressInWords(progress)));
      return print({ step: "manifest", manifest }, "");
    }
    case "list":
      return reading(async (store, signatures) => {
        const sets = await listSets(store, signatures);
        print(sets.map(summary), setsInWords(sets));
      });
    case "show":
      return reading(async (store, signatures) => {
        const set = await findSet(store, signatures, id);
        print(set, setInWords(set));
      });
    case "read":
      return reading((store, signatures) => read(store, signatures, { id, of: need("of"), kind: need("kind"), keyFile: need("key") }));
    case "erasures":
      return reading((store, signatures) => erasures(store, signatures, need("of"), need("key")));
    case "public-key":
      return reading((_, signatures) => publicKey(signatures));
    case "verify":
      return writing((store, keyring, settings) => verify(store, keyring, settings, id));
    case "copy": {
      return copySets(await readSettings(process.env), new Date(), (progress) => print(progress, copyInWords(progress)));
    }
    case "prune": {
      const regions = await pruneSets(await readPrunerSettings(process.env), new Date());
      print(regions, regions.map(prunedInWords).join(""));
      const refused = regions.flatMap((region) => region.refused);
      if (refused.length === 0) return;
      throw new BackupError(`The store refused to delete ${refused.map((each) => `${each.id} (${each.why})`).join(", ")}.`, { fix: "A lock may not be over yet; run prune again tomorrow." });
    }
    case "repository": {
      const { plan } = await readSettings(process.env);
      return print({ revision: await takeRepository(process.stdin, plan.repository) }, "The bundle is part of every set from now on.\n");
    }
    case "machine":
      return writing((_, keyring, { plan }) => takeFromMachine(keyring, plan.machine, print));
    case "compare":
      return compare(await readSettings(process.env), need("of"), print);
    case "drill":
      return writing((store, keyring) => keepDrill(store, keyring, print));
    default:
      process.stderr.write(usage);
      process.exitCode = exitCodes.usage;
  }
}

async function verify(store: Store, keyring: Keyring, settings: Settings, id: string | undefined): Promise<void> {
  const set = await findSet(store, keyring, id);
  if (values.key === undefined) {
    await verifyStored(store, set);
    return print({ id: set.id, verified: "stored" }, `The store holds ${set.id} as it was sent. Whether it can be restored, only a restore shows: \`jlam backup verify --restored\`.\n`);
  }
  const address = { host: need("host"), port: Number(values.port), user: need("user"), passwordFile: need("password-file"), authorityFile: undefined };
  const question = (database: string) => settings.plan.applications.find((application) => application.database === database)?.question;
  await withDecryption(values.key, (decryption) => verifyRestored(store, keyring, set, decryption, { address, postgresPrograms: settings.postgresPrograms, question }));
  print({ id: set.id, verified: "restored" }, `${set.id} was restored and is equal to its source.\n`);
}

/** For commands that change nothing: they need no private key to be ours. */
async function reading(work: (store: Store, signatures: Signatures) => Promise<void>): Promise<void> {
  const settings = await readReaderSettings(process.env);
  const signatures = await openSignatures(settings.signing, new Date());
  const store = openStore(regionOf(settings.store, settings.copy));
  try {
    await work(store, signatures);
  } finally {
    store.client.destroy();
    await signatures.close();
  }
}

/** @throws BackupError where the second region is asked for and there is none */
function regionOf(first: StoreSettings, second: StoreSettings | undefined): StoreSettings {
  if (!values["from-copy"]) return first;
  if (second === undefined) throw new BackupError("This engine has no second region.", { fix: "Leave --from-copy out." });
  return second;
}

async function writing(work: (store: Store, keyring: Keyring, settings: Settings) => Promise<void>): Promise<void> {
  const settings = await readSettings(process.env);
  const keyring = await openKeyring(settings.keys, new Date());
  const store = openStore(regionOf(settings.store, settings.copy?.store));
  try {
    await work(store, keyring, settings);
  } finally {
    store.client.destroy();
    await keyring.close();
  }
}

const summary = (set: ListedSet) =>
  set.kind === "unusable"
    ? set
    : { kind: set.kind, id: set.id, startedAt: set.manifest.startedAt, bytes: set.manifest.objects.reduce((sum, { bytes }) => sum + bytes, 0), verifiedAt: set.marker?.verifiedAt };

try {
  await main();
} catch (error) {
  const fix = error instanceof BackupError ? ` ${error.fix}` : "";
  process.stderr.write(values.json ? `${JSON.stringify({ step: "failed", message: messageOf(error), fix: fix.trim() })}\n` : `✖ ${messageOf(error)}${fix}\n`);
  process.exitCode = error instanceof AlreadyRunning ? exitCodes.running : exitCodes.failure;
}

/** The engine's command line: run, list, show, verify, prune, repository. `jlam backup` calls it in the container. */
import { parseArgs } from "node:util";
import { AlreadyRunning, BackupError, messageOf } from "./failure.ts";
import { openDecryption } from "./keys/decryption.ts";
import { openKeyring } from "./keys/keyring.ts";
import { findSet, listSets, type ListedSet } from "./sets/list.ts";
import { prune } from "./sets/prune.ts";
import { takeRepository } from "./sets/repository.ts";
import { makeSet } from "./sets/run.ts";
import { verifyRestored, verifyStored } from "./sets/verify.ts";
import { readSettings, type Settings } from "./settings.ts";
import { openStore, type Store } from "./store/store.ts";
import type { Keyring } from "./keys/keyring.ts";
import { progressInWords, setInWords, setsInWords } from "./words.ts";

const usage = `Usage: backup COMMAND [--json]
  run                      make a set now
  list                     the sets that there are, newest first
  show [SET]               what is in a set; the newest unless named
  verify [SET]             read a set back and compare its hashes
  verify [SET] --key FILE --host HOST --user USER --password-file FILE [--port PORT]
                           restore it into a throwaway server and compare its content
  prune                    remove sets whose time is over
  repository               take the git bundle of the repository from the standard input, for all sets from now on
`;

/** Exit codes: 1 for failures, 64 (EX_USAGE) for a wrong call, 75 (EX_TEMPFAIL) while another run goes on. */
const exitCodes = { failure: 1, usage: 64, running: 75 } as const;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    key: { type: "string" },
    host: { type: "string" },
    port: { type: "string", default: "5432" },
    user: { type: "string" },
    "password-file": { type: "string" },
  },
});

const print = (json: unknown, words: string): void => void process.stdout.write(values.json ? `${JSON.stringify(json)}\n` : words);

async function main(): Promise<void> {
  const [command, id] = positionals;
  const settings = await readSettings(process.env);
  switch (command) {
    case "run": {
      const manifest = await makeSet(settings, (progress) => print(progress, progressInWords(progress)));
      return print({ step: "manifest", manifest }, "");
    }
    case "list":
      return withSets(settings, async (store, keyring) => {
        const sets = await listSets(store, keyring);
        print(sets.map(summary), setsInWords(sets));
      });
    case "show":
      return withSets(settings, async (store, keyring) => {
        const set = await findSet(store, keyring, id);
        print(set, setInWords(set));
      });
    case "verify":
      return withSets(settings, async (store, keyring) => verify(store, keyring, settings, id));
    case "prune":
      return withSets(settings, async (store, keyring) => {
        const result = await prune(store, await listSets(store, keyring), new Date(), settings.plan.keepSeconds);
        const kept = result.because === undefined ? "" : `No set is removed: ${result.because}.\n`;
        print(result, `${kept}${result.removed.length} sets and the remains of ${result.cleared.length} runs were removed.\n`);
        if (result.refused.length > 0) {
          throw new BackupError(`The store refused to delete ${result.refused.map((refused) => `${refused.id} (${refused.why})`).join(", ")}.`, { fix: "A lock may not be over yet; run prune again tomorrow." });
        }
      });
    case "repository":
      return print({ revision: await takeRepository(process.stdin, settings.plan.repository) }, "The bundle is part of every set from now on.\n");
    default:
      process.stderr.write(usage);
      process.exitCode = exitCodes.usage;
  }
}

async function verify(store: Store, keyring: Keyring, settings: Settings, id: string | undefined): Promise<void> {
  const set = await findSet(store, keyring, id);
  const { key, host, port, user } = values;
  const passwordFile = values["password-file"];
  if (key === undefined) {
    await verifyStored(store, set);
    return print({ id: set.id, verified: "stored" }, `The store holds ${set.id} as it was sent. Whether it can be restored shows only with --key.\n`);
  }
  if (host === undefined || user === undefined || passwordFile === undefined) {
    throw new BackupError("A key alone restores nothing.", { fix: "Name the throwaway server too: --host, --user and --password-file." });
  }
  const decryption = await openDecryption(key);
  try {
    const address = { host, port: Number(port), user, passwordFile, authorityFile: undefined };
    await verifyRestored(store, keyring, set, decryption, { address, postgresPrograms: settings.postgresPrograms });
    print({ id: set.id, verified: "restored" }, `${set.id} was restored and is equal to its source.\n`);
  } finally {
    await decryption.close();
  }
}

async function withSets(settings: Settings, work: (store: Store, keyring: Keyring) => Promise<void>): Promise<void> {
  const keyring = await openKeyring(settings.keys, new Date());
  const store = openStore(settings.store);
  try {
    await work(store, keyring);
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

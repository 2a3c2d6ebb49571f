/** The archive's command line, in the engine's container: `jlam restore --to` and `jlam backup list` call it. */
import { parseArgs } from "node:util";
import { decompress } from "../database/programs.ts";
import { BackupError, messageOf } from "../failure.ts";
import { withDecryption } from "../keys/decryption.ts";
import { openKeyring, openSignatures, type Keyring } from "../keys/keyring.ts";
import { readThrough } from "../sets/read.ts";
import { readPrunerSettings, readReaderSettings, readSettings, type Settings } from "../settings.ts";
import { openStore, type Store } from "../store/store.ts";
import { findPath, spansOf, type Span } from "./path.ts";
import { pruneAllArchives } from "./prune-run.ts";
import { markVerified, readBase, readSegment } from "./records.ts";

const usage = `Usage: point-in-time COMMAND [--json]
  spans                                     from when to when each database can be brought back as at any instant
  path --of ID --to TIME                    what a recovery to that instant needs, as JSON
  base NAME --of ID --system S --key FILE   write a base backup as a tar archive
  segments NAME… --of ID --system S --key FILE
                                            write segments of changes one after the other, 16 MiB each
  verified NAME --of ID --system S          note that a server was brought up from this base
  prune                                     remove what no instant that is kept needs
A key's FILE is "-" for the standard input.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false }, of: { type: "string" }, to: { type: "string" }, system: { type: "string" }, key: { type: "string" } },
});

/** @throws BackupError when the option wasn't said */
function need(option: "of" | "to" | "system" | "key"): string {
  const value = values[option];
  if (value === undefined) throw new BackupError(`--${option} is missing.`, { fix: "`point-in-time` alone tells how it is called." });
  return value;
}

const say = (json: unknown, words: string): void => void process.stdout.write(values.json ? `${JSON.stringify(json)}\n` : words);

async function main(): Promise<void> {
  const [command, ...names] = positionals;
  switch (command) {
    case "spans":
      return opened(async (store, signatures, { plan }) => {
        const spans: Span[] = [];
        for (const { database } of plan.streams) spans.push(...(await spansOf(store, signatures, database)));
        say(spans, spans.map(({ database, from, until }) => `${database}  as at any instant from ${from} to ${until}\n`).join(""));
      });
    case "path":
      return opened(async (store, signatures) => {
        const { place, bases, segments } = await findPath(store, signatures, need("of"), instant(need("to")));
        process.stdout.write(`${JSON.stringify({ ...place, bases: bases.map(({ id, finishedAt }) => ({ id, finishedAt })), segments })}\n`);
      });
    case "base":
    case "segments":
      return readObjects(command, names);
    case "verified":
      return opened(async (store, keyring) => {
        for (const name of names) await markVerified(store, keyring, await readBase(store, keyring, { database: need("of"), system: need("system") }, name), new Date());
      });
    case "prune":
      for (const pruned of await pruneAllArchives(await readPrunerSettings(process.env), new Date())) {
        const { database, removed, because, refused } = pruned;
        say(pruned, `${database}: ${removed} objects of its archive were removed${because === undefined ? "" : `; ${because}`}${refused.length > 0 ? `; refused: ${refused.join(", ")}` : ""}\n`);
      }
      return;
    default:
      process.stderr.write(usage);
      process.exitCode = 64;
  }
}

/** @throws BackupError where it is no time with a zone */
function instant(text: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime()) || !/(?:Z|[+-]\d\d:\d\d)$/.test(text)) throw new BackupError(`"${text}" is no instant.`, { fix: "Say it as 2026-11-20T13:03:00Z." });
  return time;
}

async function readObjects(kind: "base" | "segments", names: readonly string[]): Promise<void> {
  const place = { database: need("of"), system: need("system") };
  const settings = await readReaderSettings(process.env);
  const signatures = await openSignatures(settings.signing, new Date());
  const store = openStore(settings.store);
  try {
    await withDecryption(need("key"), async ({ program }) => {
      for (const name of names) {
        const { object } = kind === "base" ? await readBase(store, signatures, place, name) : await readSegment(store, signatures, place, name);
        await readThrough(store, object, [program, decompress]);
      }
    });
  } finally {
    store.client.destroy();
    await signatures.close();
  }
}

async function opened(work: (store: Store, keyring: Keyring, settings: Settings) => Promise<void>): Promise<void> {
  const settings = await readSettings(process.env);
  const keyring = await openKeyring(settings.keys, new Date());
  const store = openStore(settings.store);
  try {
    await work(store, keyring, settings);
  } finally {
    store.client.destroy();
    await keyring.close();
  }
}

try {
  await main();
} catch (error) {
  const fix = error instanceof BackupError ? error.fix : "";
  process.stderr.write(values.json ? `${JSON.stringify({ step: "failed", message: messageOf(error), fix })}\n` : `✖ ${messageOf(error)} ${fix}\n`);
  process.exitCode = 1;
}

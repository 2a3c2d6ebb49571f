/** Base backups: a copy of the server from time to time, whole once a week and in between only what changed. */
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compress } from "../database/programs.ts";
import { messageOf } from "../failure.ts";
import type { Keyring } from "../keys/keyring.ts";
import { runPrograms, startPipeline } from "../programs/pipeline.ts";
import { setId } from "../sets/names.ts";
import { planParts } from "../store/parts.ts";
import type { Store } from "../store/store.ts";
import { uploadPipeline } from "../store/upload.ts";
import { z } from "zod";
import { baseKey, type Place } from "./names.ts";
import { changesNeeded, copyServer, type Server } from "./programs.ts";
import { writeBase, type BaseRecord } from "./records.ts";

const hour = 3_600_000;
/** Milliseconds between two bases: recovery replays what lies between, a segment a minute at most, and brings each one from the store. */
const baseEvery = 6 * hour;
/** Milliseconds after which a whole one is made, so that no chain is longer than 28. */
const wholeEvery = 7 * 24 * hour;

/** The last base that this machine made: whose manifest the next one needs, which nobody here could decrypt again. */
const lastSchema = z.strictObject({ id: z.string(), startedAt: z.iso.datetime(), wholeStartedAt: z.iso.datetime(), bytes: z.number() });
export type LastBase = z.infer<typeof lastSchema>;

/** Undefined where none is known; the next one is then whole. */
export const readLastBase = (folder: string): Promise<LastBase | undefined> =>
  readFile(join(folder, "last.json"), "utf8").then((text) => lastSchema.safeParse(JSON.parse(text)).data, () => undefined);

/** Which base is due now. Pure. */
export function dueBase(last: LastBase | undefined, now: Date): "whole" | "changes" | undefined {
  const age = (time: string): number => now.getTime() - Date.parse(time);
  if (last === undefined || age(last.wholeStartedAt) >= wholeEvery) return "whole";
  // A clock that was put back must not stop them.
  return age(last.startedAt) >= baseEvery || age(last.startedAt) < 0 ? "changes" : undefined;
}

export interface MakingBase {
  readonly server: Server;
  readonly store: Store;
  readonly keyring: Keyring;
  readonly place: Place;
  /** Where the last manifest lies. */
  readonly folder: string;
  readonly keepSeconds: number;
  readonly major: number;
}

/** Bytes of a base of unknown size: enough parts for it, and more than a small server has. */
const firstEstimate = 20e9;

/**
 * Copies the server into the store. The base exists if and only if this resolves. It is of use once the changes up to its
 * end are in the store, too.
 * @throws BackupError when the server doesn't give it, as where the summaries of changes since the last one are gone
 */
async function makeBase({ server, store, keyring, place, folder, keepSeconds, major }: MakingBase, kind: "whole" | "changes"): Promise<BaseRecord> {
  const last = kind === "changes" ? await readLastBase(folder) : undefined;
  const startedAt = new Date();
  const id = setId(startedAt);
  const lockedUntil = new Date(startedAt.getTime() + keepSeconds * 1000);
  await mkdir(folder, { recursive: true });
  const manifest = join(folder, `${id}.manifest`);
  const fifo = join(tmpdir(), `base-${id}`);
  await runPrograms([{ command: "mkfifo", args: ["-m", "600", fifo] }]);
  // The manifest is the last member; what reads it goes on to the end, or the copy would break on a closed pipe.
  const reading = runPrograms([{ command: "tar", args: ["--extract", "--to-stdout", "--ignore-zeros", "--read-full-records", `--file=${fifo}`, "backup_manifest"] }]);
  reading.catch(() => undefined);
  try {
    const pipeline = startPipeline([copyServer(server, last && join(folder, `${last.id}.manifest`)), { command: "tee", args: [fifo] }, compress, keyring.encryption]);
    // One part at a time: the service has little memory, and nobody waits for this.
    const parts = { ...planParts(Math.max(firstEstimate, (last?.bytes ?? 0) * 2)), slots: 1 };
    const sending = uploadPipeline(store, baseKey(place, id), pipeline, { parts, lockedUntil });
    sending.catch(() => undefined);
    // Whichever fails first is the cause of the other's failure.
    const [object, text] = await Promise.all([sending, reading]);
    const record: BaseRecord = {
      version: 1, ...place, id, prior: last?.id ?? null, major, ...changesNeeded(text),
      startedAt: startedAt.toISOString(), finishedAt: new Date().toISOString(), lockedUntil: lockedUntil.toISOString(), object,
    };
    await writeBase(store, keyring, record);
    await writeFile(manifest, text);
    await keepLast(folder, { id, startedAt: record.startedAt, wholeStartedAt: last?.wholeStartedAt ?? record.startedAt, bytes: object.bytes });
    return record;
  } finally {
    await rm(fifo, { force: true });
  }
}

/** The record after its manifest, whole or not at all; older manifests go. */
async function keepLast(folder: string, last: LastBase): Promise<void> {
  await writeFile(join(folder, "last.json.part"), JSON.stringify(last));
  await rename(join(folder, "last.json.part"), join(folder, "last.json"));
  for (const name of await readdir(folder)) if (name.endsWith(".manifest") && name !== `${last.id}.manifest`) await rm(join(folder, name));
}

/** Makes the base that is due; where the changes alone can't be had, a whole one. */
export async function makeDueBase(making: MakingBase, kind: "whole" | "changes", onTrouble: (words: string) => void): Promise<BaseRecord> {
  if (kind === "whole") return makeBase(making, kind);
  return makeBase(making, kind).catch((error: unknown) => {
    onTrouble(`no base of the changes could be made, so a whole one is: ${messageOf(error)}`);
    return makeBase(making, "whole");
  });
}

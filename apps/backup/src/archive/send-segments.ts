/** Sends segments that were received whole, in order, and removes each from the disk once the store has it. */
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { compress } from "../database/programs.ts";
import { BackupError } from "../failure.ts";
import type { Keyring } from "../keys/keyring.ts";
import { startPipeline } from "../programs/pipeline.ts";
import { listKeys, type Store } from "../store/store.ts";
import { uploadPipeline } from "../store/upload.ts";
import { endOf, isSegmentName, segmentBytes, segmentKey, segmentRecordKey, type Place } from "./names.ts";
import { writeSegment } from "./records.ts";

/** When, by this machine's clock, the server's changes ended where. */
export interface Probe {
  readonly at: Date;
  readonly position: bigint;
}

export interface Sending {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly place: Place;
  /** Where segments are received. */
  readonly directory: string;
  readonly keepSeconds: number;
  /** Oldest first. */
  readonly probes: readonly Probe[];
}

/** One part is enough: a segment doesn't grow by being compressed. */
const parts = { partBytes: segmentBytes + 1024 ** 2, slots: 1 };

/** Segments that were received whole, oldest first. */
export const receivedSegments = async (directory: string): Promise<readonly string[]> => (await readdir(directory)).filter(isSegmentName).sort();

/**
 * The last moment of which it is known that everything committed until then lies before `end`; null when nobody looked.
 * A commit says its time a moment before it is written down, hence the second.
 */
export function coveredUntil(end: bigint, probes: readonly Probe[]): Date | null {
  const last = probes.findLast(({ position }) => position <= end);
  return last === undefined ? null : new Date(last.at.getTime() - 1_000);
}

/**
 * Sends what is there and returns the names, in order. Stops at the first that fails, since one behind it is of no use
 * without it.
 * @throws BackupError when the store doesn't take one; it stays on the disk
 */
export async function sendSegments(sending: Sending, onSent: (name: string, covers: Date | null) => void): Promise<void> {
  for (const name of await receivedSegments(sending.directory)) {
    const covers = coveredUntil(endOf(name), sending.probes);
    await sendSegment(sending, name, covers);
    onSent(name, covers);
  }
}

async function sendSegment({ store, keyring, place, directory, keepSeconds }: Sending, name: string, covers: Date | null): Promise<void> {
  const path = join(directory, name);
  const { size } = await stat(path);
  if (size !== segmentBytes) throw new BackupError(`${path} has ${size} bytes instead of ${segmentBytes}.`, { fix: "Another size of segments was chosen at initdb; the archive knows the usual one alone." });
  // Received once more after a kill between the store's answer and the slot's: the store has it.
  const recordKey = segmentRecordKey(place, name);
  if (!(await listKeys(store, recordKey)).includes(recordKey)) {
    const lockedUntil = new Date(Date.now() + keepSeconds * 1000);
    const pipeline = startPipeline([{ command: "cat", args: ["--", path] }, compress, keyring.encryption]);
    const object = await uploadPipeline(store, segmentKey(place, name), pipeline, { parts, lockedUntil });
    await writeSegment(store, keyring, { version: 1, ...place, name, coversUntil: covers?.toISOString() ?? null, lockedUntil: lockedUntil.toISOString(), object });
  }
  await rm(path);
}

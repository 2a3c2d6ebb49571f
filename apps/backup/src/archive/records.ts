/** The signed records of an archive: without its record an object counts for nothing, as a set does without its manifest. */
import { z } from "zod";
import { BackupError, messageOf } from "../failure.ts";
import type { Keyring, Signatures } from "../keys/keyring.ts";
import { readText, writeOnce, type Store } from "../store/store.ts";
import { baseMarkerKey, baseRecordKey, segmentRecordKey, type Place } from "./names.ts";

const objectSchema = z.strictObject({ key: z.string(), bytes: z.number().int().positive(), sha256: z.string().regex(/^[0-9a-f]{64}$/) });
const time = z.iso.datetime();
const lsn = z.string().regex(/^[0-9A-F]+\/[0-9A-F]+$/i);

const baseSchema = z.strictObject({
  version: z.literal(1),
  database: z.string(),
  system: z.string(),
  id: z.string(),
  /** The base that this one holds the changes to; null for a whole one. */
  prior: z.string().nullable(),
  major: z.number().int(),
  timeline: z.number().int(),
  /** Changes from the first to the second position are needed to make it consistent. */
  startLsn: lsn,
  endLsn: lsn,
  startedAt: time,
  /** Instants before this can't be reached from it. */
  finishedAt: time,
  lockedUntil: time,
  object: objectSchema,
});
export type BaseRecord = z.infer<typeof baseSchema>;

const segmentSchema = z.strictObject({
  version: z.literal(1),
  database: z.string(),
  system: z.string(),
  name: z.string(),
  /** Everything that was committed until then is in this segment or in one before it; null where nobody looked at the time. */
  coversUntil: time.nullable(),
  lockedUntil: time,
  object: objectSchema,
});
export type SegmentRecord = z.infer<typeof segmentSchema>;

const markerSchema = z.strictObject({ database: z.string(), system: z.string(), id: z.string(), verifiedAt: time, lockedUntil: time });

/** The record of a base. @throws BackupError when it is missing, forged, or another one's */
export const readBase = (store: Store, signatures: Signatures, place: Place, id: string): Promise<BaseRecord> =>
  readRecord(store, signatures, baseRecordKey(place, id), baseSchema, (record) => isOf(record, place) && record.id === id);

/** The record of a segment. @throws BackupError when it is missing, forged, or another one's */
export const readSegment = (store: Store, signatures: Signatures, place: Place, name: string): Promise<SegmentRecord> =>
  readRecord(store, signatures, segmentRecordKey(place, name), segmentSchema, (record) => isOf(record, place) && record.name === name);

/** Whether a server was brought up from this base; a marker that can't be trusted says nothing. */
export const isVerified = (store: Store, signatures: Signatures, place: Place, id: string): Promise<boolean> =>
  readRecord(store, signatures, baseMarkerKey(place, id), markerSchema, (marker) => isOf(marker, place) && marker.id === id).then(() => true, () => false);

export const writeBase = (store: Store, keyring: Keyring, record: BaseRecord): Promise<void> => writeRecord(store, keyring, baseRecordKey(record, record.id), record);
export const writeSegment = (store: Store, keyring: Keyring, record: SegmentRecord): Promise<void> => writeRecord(store, keyring, segmentRecordKey(record, record.name), record);

/** Marks a base as one from which a server was brought up; once is enough, since a base never changes. */
export async function markVerified(store: Store, keyring: Keyring, base: BaseRecord, now: Date): Promise<void> {
  if (await isVerified(store, keyring, base, base.id)) return;
  await writeRecord(store, keyring, baseMarkerKey(base, base.id), { database: base.database, system: base.system, id: base.id, verifiedAt: now.toISOString(), lockedUntil: base.lockedUntil });
}

const writeRecord = async (store: Store, keyring: Keyring, key: string, record: BaseRecord | SegmentRecord | z.infer<typeof markerSchema>): Promise<void> =>
  writeOnce(store, key, await keyring.sign(`${JSON.stringify(record, null, 2)}\n`), new Date(record.lockedUntil));

async function readRecord<T>(store: Store, signatures: Signatures, key: string, schema: z.ZodType<T>, isRight: (record: T) => boolean): Promise<T> {
  const unusable = (why: string, cause?: unknown): BackupError =>
    new BackupError(`${key} can't be used: ${why}.`, { fix: "Ask for an instant before it, or take a set: `jlam backup list` shows both.", cause });
  const signed = await readText(store, key);
  if (signed === undefined) throw unusable("it is gone");
  const record = await signatures.verify(signed).then((text) => schema.safeParse(JSON.parse(text)).data, (error: unknown) => {
    throw unusable(messageOf(error), error);
  });
  // A record put under another one's name would be signed by us all the same.
  if (record === undefined || !isRight(record)) throw unusable("it is the record of something else");
  return record;
}

const isOf = (record: Place, place: Place): boolean => record.database === place.database && record.system === place.system;

/** The bucket of the sets: how it is reached, what must hold for it, and the few operations on small objects. */
import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectLockConfigurationCommand,
  HeadBucketCommand,
  paginateListObjectsV2,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  type ListObjectVersionsCommandOutput,
} from "@aws-sdk/client-s3";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { BackupError, messageOf } from "../failure.ts";

export interface StoreSettings {
  readonly url: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** Milliseconds in which a connection must come about, and after which a silent one is given up. */
  readonly timeout: number;
}

export interface Store {
  readonly client: S3Client;
  readonly bucket: string;
}

/** Tries of one request, with the SDK's growing pauses; parts are sent again from their buffer. */
const attempts = 4;

export const openStore = ({ url, bucket, region, accessKey, secretKey, timeout }: StoreSettings): Store => ({
  bucket,
  client: new S3Client({
    endpoint: url,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
    maxAttempts: attempts,
    requestHandler: { connectionTimeout: timeout, socketTimeout: timeout },
  }),
});

/**
 * Makes the bucket where it is missing, and asserts that it keeps versions and locks: a flag given at its creation alone
 * is known to have been ignored by a store.
 * @throws BackupError when the store can't be reached, or a set in this bucket could be deleted
 */
export async function prepareBucket({ client, bucket }: Store): Promise<void> {
  try {
    await client.send(new HeadBucketCommand({ Bucket: bucket })).catch(async (error: unknown) => {
      if (!isMissing(error)) throw error;
      await client.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: true }));
    });
  } catch (error) {
    throw new BackupError(`The bucket "${bucket}" can't be reached: ${messageOf(error)}.`, { fix: "Look whether the store is up, and whether its keys are right.", cause: error });
  }
  const { Status } = await client.send(new GetBucketVersioningCommand({ Bucket: bucket }));
  const lock = await client.send(new GetObjectLockConfigurationCommand({ Bucket: bucket })).catch(() => undefined);
  if (Status !== "Enabled" || lock?.ObjectLockConfiguration?.ObjectLockEnabled !== "Enabled") {
    throw new BackupError(`The bucket "${bucket}" doesn't lock objects, so whoever has its key could delete every set.`, {
      fix: "Make a new bucket with versions and object lock; neither can be taken away again.",
    });
  }
}

/** Whether the store says that the thing is not there. */
const isMissing = (error: unknown): boolean => error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404;

/** The text of a small object; undefined where there is none. */
export async function readText(store: Store, key: string): Promise<string | undefined> {
  try {
    const { Body } = await store.client.send(new GetObjectCommand({ Bucket: store.bucket, Key: key }));
    return await Body?.transformToString();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/**
 * Bytes that are asked for at once. Who reads may stand still for minutes, as pg_restore does while it makes an index;
 * a connection that is silent for so long is closed, by us or by the store. Twice this is held in memory.
 */
const rangeBytes = 8 * 1024 ** 2;
/** Between two tries of a range whose connection broke, in milliseconds. */
const rangePause = 500;

/** The bytes of an object, asked for range by range as they are read. */
export async function readObject(store: Store, key: string): Promise<Readable> {
  const first = await readRange(store, key, 0).catch((error: unknown): Range => {
    // An empty object has no first byte.
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 416) return { bytes: new Uint8Array(), total: 0, etag: undefined };
    throw error;
  });
  return Readable.from(following(store, key, first), { objectMode: false });
}

interface Range {
  readonly bytes: Uint8Array;
  /** Bytes of the whole object. */
  readonly total: number;
  readonly etag: string | undefined;
}

async function* following(store: Store, key: string, first: Range): AsyncGenerator<Uint8Array> {
  let range = first;
  for (let offset = range.bytes.length; offset < range.total; offset += range.bytes.length) {
    if (range.bytes.length === 0) throw new BackupError(`The store sends nothing of ${key} from byte ${offset} on, of ${range.total}.`, { fix: "Try again; report it to whoever runs the store." });
    const next = readRange(store, key, offset, range.etag);
    // It may fail while the one before it is still being read.
    next.catch(() => undefined);
    yield range.bytes;
    range = await next;
  }
  if (range.bytes.length > 0) yield range.bytes;
}

/** A range of the object that the first one was of. The SDK tries again what isn't answered; what breaks off afterwards is tried again here. */
async function readRange({ client, bucket }: Store, key: string, from: number, etag?: string): Promise<Range> {
  for (let tries = 1; ; tries += 1) {
    const { Body, ContentRange, ETag } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, Range: `bytes=${from}-${from + rangeBytes - 1}`, IfMatch: etag }));
    try {
      if (Body === undefined) throw new BackupError(`The store answered without a body for ${key}.`, { fix: "Try again; report it to whoever runs the store." });
      const bytes = await Body.transformToByteArray();
      return { bytes, total: Number(/\/(\d+)$/.exec(ContentRange ?? "")?.[1] ?? bytes.length), etag: ETag };
    } catch (error) {
      if (tries === attempts) throw error;
    }
    await sleep(rangePause);
  }
}

/**
 * Writes a small object that isn't there yet, locked until `lockedUntil` where that is still to come, and reads it back.
 * What counts is that the store holds these bytes: an answer that was lost on the way doesn't make it fail, and one that
 * says yes to what was not kept doesn't make it succeed.
 * @throws BackupError when the store doesn't hold it afterwards, or holds another object of that name
 */
export async function writeOnce(store: Store, key: string, text: string, lockedUntil: Date): Promise<void> {
  const { client, bucket } = store;
  const lock = lockedUntil > new Date() ? { ObjectLockMode: "COMPLIANCE", ObjectLockRetainUntilDate: lockedUntil } as const : {};
  const refusal = await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: text, IfNoneMatch: "*", ...lock })).then(() => undefined, (error: unknown) => ({ error }));
  const held = await readText(store, key).catch(() => undefined);
  if (held === text) return;
  const why = refusal === undefined ? "it said yes, and doesn't hold it" : messageOf(refusal.error);
  throw new BackupError(`The store didn't take ${key}: ${why}.`, { fix: "The next run starts afresh.", cause: refusal?.error });
}

/** Keys below a prefix, in order; none where the bucket isn't there yet. */
export async function listKeys({ client, bucket }: Store, prefix: string): Promise<readonly string[]> {
  const keys: string[] = [];
  try {
    for await (const { Contents } of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
      for (const { Key } of Contents ?? []) if (Key !== undefined) keys.push(Key);
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return keys.sort();
}

/** How often an object of this name was written, whatever has become of it. */
export async function countVersions({ client, bucket }: Store, key: string): Promise<number> {
  const { Versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: key }));
  return Versions.filter(({ Key }) => Key === key).length;
}

/** Keys below a prefix of which any version is left, in order: those too that somebody marked as deleted. */
export async function listKeptKeys({ client, bucket }: Store, prefix: string): Promise<readonly string[]> {
  const keys = new Set<string>();
  let [KeyMarker, VersionIdMarker]: (string | undefined)[] = [];
  do {
    const found: ListObjectVersionsCommandOutput = await client.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, KeyMarker, VersionIdMarker }));
    for (const { Key } of found.Versions ?? []) if (Key !== undefined) keys.add(Key);
    [KeyMarker, VersionIdMarker] = found.IsTruncated === true ? [found.NextKeyMarker, found.NextVersionIdMarker] : [];
  } while (KeyMarker !== undefined);
  return [...keys].sort();
}

/** Removes every version of the object, so that nothing of it is left. The store refuses while it is locked. */
export async function removeAllVersions({ client, bucket }: Store, key: string): Promise<void> {
  // One answer holds a thousand versions, and nothing here is written more than once or twice.
  const { Versions = [], DeleteMarkers = [] } = await client.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: key }));
  for (const { Key, VersionId } of [...Versions, ...DeleteMarkers]) {
    if (Key === key) await client.send(new DeleteObjectCommand({ Bucket: bucket, Key, VersionId }));
  }
}

/** Ends uploads below a prefix that were begun before this time and are still open; returns how many. Now is for whoever alone writes there. */
export async function abortOpenUploads({ client, bucket }: Store, { below, before }: { readonly below: string; readonly before: Date }): Promise<number> {
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
  const open = Uploads.filter(({ Key, Initiated }) => Key?.startsWith(below) === true && (Initiated === undefined || Initiated < before));
  for (const { Key, UploadId } of open) await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }));
  return open.length;
}

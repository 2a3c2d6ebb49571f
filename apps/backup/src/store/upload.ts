/** Streams what programs write into one object, in parts, and completes it only after every program has exited with 0. */
import { createHash } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { AbortMultipartUploadCommand, CompleteMultipartUploadCommand, CreateMultipartUploadCommand, HeadObjectCommand, UploadPartCommand } from "@aws-sdk/client-s3";
import { BackupError } from "../failure.ts";
import type { Pipeline } from "../programs/pipeline.ts";
import { mostParts, type PartPlan } from "./parts.ts";
import type { Store } from "./store.ts";

/** An object as it was sent: what the manifest says about it. */
export interface Uploaded {
  readonly key: string;
  readonly bytes: number;
  /** SHA-256 of the object, in hexadecimal. */
  readonly sha256: string;
}

export interface UploadOptions {
  readonly parts: PartPlan;
  /** Nobody can delete the object before this. */
  readonly lockedUntil: Date;
  /** Most bytes per second; undefined: as fast as the line goes. */
  readonly bytesPerSecond?: number | undefined;
  /** Called after each part with the bytes that the store has. */
  readonly onSent?: (bytes: number) => void;
}

/**
 * Uploads what the pipeline writes, of which one program must tell how much it read. Memory is `partBytes` × `slots`, whatever the size.
 *
 * The object exists only if this resolves: on any failure the pipeline is stopped and the upload aborted. An abort that
 * fails too leaves parts behind that nobody sees; the next run clears them away.
 *
 * @throws BackupError when a program fails, when it writes nothing, or when the store doesn't hold what was sent
 */
export async function uploadPipeline(store: Store, key: string, pipeline: Pipeline, options: UploadOptions): Promise<Uploaded> {
  const { client, bucket } = store;
  let uploadId: string | undefined;
  try {
    const created = await client.send(
      new CreateMultipartUploadCommand({ Bucket: bucket, Key: key, ObjectLockMode: "COMPLIANCE", ObjectLockRetainUntilDate: options.lockedUntil }),
    );
    uploadId = created.UploadId;
    if (uploadId === undefined) throw new BackupError(`The store began the upload of ${key} without giving it a name.`, { fix: "Look at the store's own log." });
    const sent = await sendParts(store, key, uploadId, pipeline, options);
    await pipeline.finished;
    // Nothing at all becomes a valid object of some hundred bytes, once it is compressed and encrypted.
    const source = pipeline.sourceBytes();
    if (source === undefined) throw new BackupError(`${key} may be empty: none of its programs said how much it read.`, { fix: "Run them by hand: another version of zstd or dd may word it otherwise." });
    if (source === 0) throw new BackupError(`${key} would be empty: its program wrote nothing.`, { fix: "Run it by hand and look at what it says." });
    await client.send(new CompleteMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId, MultipartUpload: { Parts: [...sent.parts] } }));
    const held = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    if (held.ContentLength !== sent.bytes) {
      throw new BackupError(`The store holds ${held.ContentLength ?? 0} bytes of ${key}, and ${sent.bytes} were sent.`, { fix: "The next run sends it anew; report it to whoever runs the store." });
    }
    return { key, bytes: sent.bytes, sha256: sent.sha256 };
  } catch (error) {
    pipeline.stop();
    if (uploadId !== undefined) await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId })).catch(() => undefined);
    await pipeline.finished.catch(() => undefined);
    throw error;
  }
}

interface Part {
  readonly PartNumber: number;
  readonly ETag: string | undefined;
  readonly ChecksumCRC32: string | undefined;
}

async function sendParts(store: Store, key: string, uploadId: string, pipeline: Pipeline, { parts: plan, bytesPerSecond, onSent }: UploadOptions) {
  const hash = createHash("sha256");
  const free = Array.from({ length: plan.slots }, () => Buffer.allocUnsafeSlow(plan.partBytes));
  const sending = new Set<Promise<void>>();
  const parts: Part[] = [];
  const began = performance.now();
  let failure: { readonly error: unknown } | undefined;
  let bytes = 0;
  let sentBytes = 0;
  let count = 0;
  let buffer: Buffer<ArrayBuffer> | undefined;
  let filled = 0;

  const send = (slot: Buffer<ArrayBuffer>, length: number): void => {
    count += 1;
    const number = count;
    if (number > mostParts) {
      throw new BackupError(`${key} has grown beyond ${mostParts} parts of ${plan.partBytes} bytes.`, { fix: "Run again: the estimate of its size then starts from what is there now." });
    }
    const work = sendPart(store, { key, uploadId, number, body: slot.subarray(0, length) })
      .then((part) => {
        parts.push(part);
        sentBytes += length;
        onSent?.(sentBytes);
      })
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => {
        free.push(slot);
        sending.delete(work);
      });
    sending.add(work);
  };
  const freeSlot = async (): Promise<Buffer<ArrayBuffer>> => {
    while (free.length === 0) await Promise.race(sending);
    if (failure) throw failure.error;
    const slot = free.pop();
    if (slot === undefined) throw new RangeError("An upload needs at least one slot.");
    return slot;
  };

  try {
    for await (const chunk of pipeline.output as AsyncIterable<Buffer>) {
      hash.update(chunk);
      bytes += chunk.length;
      let taken = 0;
      while (taken < chunk.length) {
        buffer ??= await freeSlot();
        const copied = chunk.copy(buffer, filled, taken);
        filled += copied;
        taken += copied;
        if (filled < buffer.length) continue;
        if (bytesPerSecond !== undefined) await wait(Math.max(0, (bytes / bytesPerSecond) * 1000 - (performance.now() - began)));
        send(buffer, filled);
        buffer = undefined;
        filled = 0;
      }
    }
    if (buffer !== undefined && filled > 0) send(buffer, filled);
  } finally {
    await Promise.all(sending);
  }
  if (failure) throw failure.error;
  return { bytes, sha256: hash.digest("hex"), parts: parts.sort((a, b) => a.PartNumber - b.PartNumber) };
}

async function sendPart({ client, bucket }: Store, part: { readonly key: string; readonly uploadId: string; readonly number: number; readonly body: Buffer }): Promise<Part> {
  const { ETag, ChecksumCRC32 } = await client.send(
    new UploadPartCommand({ Bucket: bucket, Key: part.key, UploadId: part.uploadId, PartNumber: part.number, Body: part.body, ContentLength: part.body.length }),
  );
  return { PartNumber: part.number, ETag, ChecksumCRC32 };
}

/** How large the parts of an upload are, so that no object needs more of them than a store takes. */
import { BackupError } from "../failure.ts";

/** Most parts of one object at Scaleway (AWS takes 10,000; S3 clients count on that). */
export const mostParts = 1_000;

const mebibyte = 1024 ** 2;
/** Smallest part: few requests for small databases, and above S3's own least of 5 MiB. */
const leastPart = 16 * mebibyte;
/** Memory for parts that are being filled or sent, whatever the size of the object. */
const partMemory = 128 * mebibyte;
/** More parts at once than this gain nothing on the lines that we have. */
const mostSlots = 4;
/** Share of the parts that an estimate may fill after it is taken half as large again: it may be wrong. */
const usableParts = 900;

export interface PartPlan {
  readonly partBytes: number;
  /** Buffers: one is filled while the others are sent. */
  readonly slots: number;
}

/**
 * Parts for an object of about `estimatedBytes`.
 * @throws BackupError for more than 80 GB, which do not fit into 1,000 parts within the memory that the engine has
 */
export function planParts(estimatedBytes: number): PartPlan {
  const wanted = Math.ceil((estimatedBytes * 1.5) / usableParts / mebibyte) * mebibyte;
  const partBytes = Math.max(leastPart, wanted);
  if (partBytes > partMemory) {
    const most = Math.floor((partMemory * usableParts) / 1.5 / 1e9);
    throw new BackupError(`About ${Math.ceil(estimatedBytes / 1e9)} GB don't fit into ${mostParts} parts within ${partMemory / mebibyte} MiB of memory.`, {
      fix: `Split the data: up to ${most} GB go into one object.`,
    });
  }
  return { partBytes, slots: Math.max(1, Math.min(mostSlots, Math.floor(partMemory / partBytes))) };
}

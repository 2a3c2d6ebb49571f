/** One text for one value: what is hashed, signed and compared byte for byte. */
import { createHash } from "node:crypto";
import { z } from "zod";

/** `sha256:` and 64 hexadecimal digits. */
export const hashSchema = z.templateLiteral(["sha256:", z.string().regex(/^[0-9a-f]{64}$/)]);
export type Hash = z.infer<typeof hashSchema>;

/** The hash of a text's UTF-8 bytes. */
export const hashOf = (text: string): Hash => `sha256:${createHash("sha256").update(text).digest("hex")}`;

/**
 * JSON with the keys of every object sorted by code unit and without white space: equal values give equal text, in
 * whatever order their keys were written. Keys that are undefined are left out, as JSON does.
 */
export const canonicalJson = (value: unknown): string => JSON.stringify(value, sortedKeys);

/** The same order of keys, indented, with a final newline: for files that people read in git. */
export const canonicalFile = (value: unknown): string => `${JSON.stringify(value, sortedKeys, 2)}\n`;

function sortedKeys(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

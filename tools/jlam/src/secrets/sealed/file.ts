/** environments/<name>/secrets.age.json: every value encrypted by itself, beside what everybody may know of it. */
import { join } from "node:path";
import { z } from "zod";
import { PersonError } from "../../terminal/failure.ts";
import { readIfThere, writeAtomically } from "../private-file.ts";

const sealedVersion = z.strictObject({
  version: z.number().int().min(1),
  made: z.iso.datetime(),
  /** Fingerprint of the recipients that it was sealed for. */
  recipients: z.string().regex(/^[0-9a-f]{16}$/),
  /** Armoured age file. */
  sealed: z.string().startsWith("-----BEGIN AGE ENCRYPTED FILE-----"),
});
export type SealedVersion = z.infer<typeof sealedVersion>;

const sealedSecret = z
  .strictObject({
    /** The version that consumers are given. */
    use: z.number().int().min(1),
    /** One, or two while it is rotated; the older first. */
    versions: z.array(sealedVersion).min(1).max(2),
  })
  .refine(({ use, versions }) => versions.some(({ version }) => version === use), { message: "the version in use is none of its versions" })
  .refine(({ versions: [first, second] }) => second === undefined || (first !== undefined && second.version === first.version + 1), { message: "two versions must follow each other" });
export type SealedSecret = z.infer<typeof sealedSecret>;

const schema = z.strictObject({ format: z.literal(1), secrets: z.record(z.string(), sealedSecret) });
export type SealedSecrets = Readonly<Record<string, SealedSecret>>;

export const sealedPath = (root: string, environment: string): string => join(root, "environments", environment, "secrets.age.json");

/**
 * Reads the file; an absent one holds nothing.
 * @throws PersonError for one that can't be understood, such as after a merge with conflicts; it is never overwritten
 */
export function readSealed(root: string, environment: string): SealedSecrets {
  const path = sealedPath(root, environment);
  const text = readIfThere(path);
  if (text === undefined) return {};
  const problem = (why: string): PersonError =>
    new PersonError(`The encrypted secrets of ${environment} can't be read.`, { where: path, why, fix: "Resolve the merge, or take the last good version from git: every secret is an entry of its own." });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw problem(String(error));
  }
  const checked = schema.safeParse(json);
  if (checked.success) return checked.data.secrets;
  throw problem(checked.error.issues.map(({ path: keys, message }) => `${keys.join(".")}: ${message}`).join("\n"));
}

/** Writes the file at once, readable by its owner alone, sorted by id so that changes of two people merge. */
export function writeSealed(root: string, environment: string, secrets: SealedSecrets): void {
  const sorted = Object.fromEntries(Object.entries(secrets).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeAtomically(sealedPath(root, environment), `${JSON.stringify({ format: 1, secrets: sorted }, undefined, 2)}\n`, 0o600);
}

/** Line of a secret's entry in the file, counted from 1; 1 where it has none. */
export function lineOf(root: string, environment: string, id: string): number {
  const lines = (readIfThere(sealedPath(root, environment)) ?? "").split("\n");
  return Math.max(lines.findIndex((line) => line.startsWith(`    ${JSON.stringify(id)}: {`)), 0) + 1;
}

/** The version of an entry that consumers are given. */
export function usedVersion({ use, versions }: SealedSecret): SealedVersion {
  const used = versions.find(({ version }) => version === use);
  if (used === undefined) throw new RangeError(`no version ${use}`);
  return used;
}

/** images.lock.json: the digest that each image's tag had when it was locked. */
import { readFile, rename, writeFile } from "node:fs/promises";
import { z } from "zod";
import { PersonError } from "../terminal/failure.ts";
import { RegistryError, resolveDigest } from "./registry.ts";

const lockFile = z.record(z.string(), z.templateLiteral(["sha256:", z.string().regex(/^[0-9a-f]{64}$/)]));

/** Digest by `repository:tag`. */
export type ImageLock = z.infer<typeof lockFile>;

export interface LockChange {
  readonly reference: string;
  readonly before: string | undefined;
  readonly after: string;
}

/**
 * Resolves every reference at its registry and writes the lock, sorted, without anything else in it. Returns what
 * changed. Throws a PersonError that names each reference that could not be resolved; then nothing is written.
 */
export async function writeLock(
  path: string,
  references: readonly string[],
  report: (line: string) => void = () => undefined,
): Promise<readonly LockChange[]> {
  const before = await readLock(path);
  const resolved = await Promise.all(
    [...new Set(references)].sort().map(async (reference) => {
      try {
        const digest = await resolveDigest(reference);
        report(`${reference} is ${digest}`);
        return { reference, digest };
      } catch (error) {
        if (!(error instanceof RegistryError)) throw error;
        return { reference, reason: error.message };
      }
    }),
  );
  const failed = resolved.filter((result) => result.reason !== undefined);
  if (failed.length > 0) {
    throw new PersonError("Not every image could be resolved, so nothing was locked.", {
      where: path,
      why: failed.map(({ reference, reason }) => `${reference}: ${reason}`).join("\n"),
      fix: "Correct the tag in the model, or run this where the registry can be reached.",
    });
  }
  const after = Object.fromEntries(resolved.flatMap(({ reference, digest }) => (digest === undefined ? [] : [[reference, digest] as const])));
  const temporary = `${path}.new`;
  await writeFile(temporary, `${JSON.stringify(after, null, 2)}\n`);
  await rename(temporary, path);
  return Object.entries(after)
    .filter(([reference, digest]) => before[reference] !== digest)
    .map(([reference, digest]) => ({ reference, before: before[reference], after: digest }));
}

/** Reads a lock; an absent file is an empty one. Throws a PersonError for one that can't be understood. */
export async function readLock(path: string): Promise<ImageLock> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    throw error;
  }
  try {
    return lockFile.parse(JSON.parse(text));
  } catch (error) {
    throw new PersonError("The image lock can't be understood.", {
      where: path,
      why: error instanceof z.ZodError ? z.prettifyError(error) : String(error),
      fix: "Take the file from git again, or delete it and run `jlam images lock`.",
      cause: error,
    });
  }
}

/** The git bundle of the repository, which every set holds: without it nobody knows what the data belongs to. */
import { createWriteStream } from "node:fs";
import { open, rename } from "node:fs/promises";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { BackupError } from "../failure.ts";

/** Bytes of a bundle's beginning that surely hold its header: format, prerequisites, references. */
const headerBytes = 4096;

/**
 * The commit that the bundle at `path` brings, from its header.
 * @throws BackupError when there is none
 */
export async function revisionOf(path: string): Promise<string> {
  const missing = (why: string, cause?: unknown): BackupError =>
    new BackupError(`There is no bundle of the repository at ${path}: ${why}.`, {
      fix: "Run `jlam backup run` once from a checkout: it leaves the bundle of its revision there, also for the daily runs.",
      cause,
    });
  const file = await open(path).catch((error: unknown) => {
    throw missing("the file can't be opened", error);
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headerBytes), 0, headerBytes, 0);
    const header = buffer.toString("latin1", 0, bytesRead);
    const revision = /^# v[23] git bundle\n(?:[@-].*\n)*([0-9a-f]{40,64}) /.exec(header)?.[1];
    if (revision === undefined) throw missing("what is there is no git bundle");
    return revision;
  } finally {
    await file.close();
  }
}

/**
 * Puts a bundle in the place of the one at `path`, whole or not at all, and returns its commit.
 * @throws BackupError when it is none; the one before it then stays
 */
export async function takeRepository(bundle: Readable, path: string): Promise<string> {
  const part = `${path}.part`;
  await pipeline(bundle, createWriteStream(part));
  const revision = await revisionOf(part);
  await rename(part, path);
  return revision;
}

/** What a machine has beside the repository (secrets, names of images), encrypted on arrival: not even here it lies readable. */
import { createWriteStream } from "node:fs";
import { access, rename } from "node:fs/promises";
import type { Readable } from "node:stream";
import { pipeline as joined } from "node:stream/promises";
import { BackupError } from "../failure.ts";
import type { Keyring } from "../keys/keyring.ts";
import { startPipeline } from "../programs/pipeline.ts";

/**
 * Encrypts an archive in the place of the one at `path`, whole or not at all.
 * @throws BackupError when nothing came; the one before it then stays
 */
export async function takeMachine(archive: Readable, keyring: Keyring, path: string): Promise<void> {
  const part = `${path}.part`;
  const running = startPipeline([keyring.encryption], { takesInput: true });
  if (running.input === undefined) throw new RangeError("A pipeline that takes input has one.");
  let bytes = 0;
  archive.on("data", (chunk: Buffer) => (bytes += chunk.length));
  await Promise.all([joined(archive, running.input), joined(running.output, createWriteStream(part)), running.finished]);
  if (bytes === 0) throw new BackupError("Nothing came of what the machine has.", { fix: "Send it an archive: `jlam backup run` does." });
  await rename(part, path);
}

/** @throws BackupError when there is none yet */
export async function requireMachine(path: string): Promise<void> {
  await access(path).catch(() => {
    throw new BackupError(`There is nothing of the machine at ${path}: neither its secrets nor the names of its images.`, {
      fix: "Run `jlam backup run` once from the checkout that booted the environment: it leaves them there, encrypted, also for the daily runs.",
    });
  });
}

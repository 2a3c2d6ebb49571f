/** One object of a set as plain bytes, for whoever holds a private key. */
import { createHash } from "node:crypto";
import { Transform } from "node:stream";
import { pipeline as joined } from "node:stream/promises";
import { decompress } from "../database/programs.ts";
import { BackupError, messageOf } from "../failure.ts";
import type { Decryption } from "../keys/decryption.ts";
import { startPipeline, Stopped, type Program } from "../programs/pipeline.ts";
import { readObject, type Store } from "../store/store.ts";
import type { Manifest, SetObject } from "./manifest.ts";

/** The object of a kind that is of this part of the plan. @throws BackupError when the set has none */
export function objectOf(manifest: Manifest, of: string, kind: SetObject["kind"]): SetObject {
  const found = manifest.objects.find((object) => object.of === of && object.kind === kind);
  if (found !== undefined) return found;
  throw new BackupError(`The set ${manifest.id} has no ${kind} of ${of}.`, { fix: `It has ${manifest.objects.map((object) => `${object.of} (${object.kind})`).join(", ")}.` });
}

/**
 * Writes the object decrypted and decompressed to our standard output. GnuPG hands plaintext on before it has checked the whole: what was written
 * counts only when this resolves.
 * @throws BackupError when a program fails, or the object isn't the one of the manifest
 */
export const readPlain = (store: Store, object: SetObject, decryption: Decryption): Promise<void> => readThrough(store, object, programsFor(object.kind, decryption));

/** The same through these programs, for any object whose size and hash a signed record says. */
export async function readThrough(store: Store, object: Pick<SetObject, "key" | "bytes" | "sha256">, programs: readonly [Program, ...Program[]]): Promise<void> {
  const running = startPipeline(programs, { takesInput: true, toStandardOutput: true });
  const hash = createHash("sha256");
  let bytes = 0;
  const watch = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  if (running.input === undefined) throw new RangeError("A pipeline that takes input has one.");
  try {
    await Promise.all([running.finished, joined(await readObject(store, object.key), watch, running.input)]);
  } catch (error) {
    running.stop();
    throw await causeOf(object.key, error, running.finished);
  }
  if (bytes !== object.bytes || hash.digest("hex") !== object.sha256) {
    throw new BackupError(`${object.key} isn't what was sent: ${bytes} bytes came of ${object.bytes}.`, { fix: "Throw away what was written, and take another set." });
  }
}

/** A program's own words tell more than the pipe that it broke; the store's tell more than programs whose input ended early. */
async function causeOf(key: string, error: unknown, finished: Promise<void>): Promise<unknown> {
  const words = await finished.then(() => undefined, (failure: unknown) => (failure instanceof Stopped ? undefined : failure));
  const isBrokenPipe = error instanceof Error && "code" in error && (error.code === "EPIPE" || error.code === "ERR_STREAM_PREMATURE_CLOSE");
  if (error instanceof BackupError || isBrokenPipe) return words ?? error;
  return new BackupError(`${key} could not be read: ${messageOf(error)}${words === undefined ? "" : ` (${messageOf(words)})`}.`, { fix: "Look whether the store is up, and run it again.", cause: error });
}

function programsFor(kind: SetObject["kind"], { program }: Decryption): readonly [Program, ...Program[]] {
  switch (kind) {
    case "database":
    case "roles":
    case "volume":
      return [program, decompress];
    case "repository":
    case "machine":
      return [program];
  }
}

/** Secret files on the host: one per consumer, so that a container sees its own and no other. */
import { chmodSync, lstatSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { privateFolder, readIfThere, writeAtomically } from "./private-file.ts";

/** File contents by service and file name. */
export type SecretFiles = ReadonlyMap<string, ReadonlyMap<string, string>>;

export interface WrittenFiles {
  /** `service/FILE` that is new or has another value. */
  readonly written: readonly string[];
  /** `service/FILE` or `service` that nothing declares any more. */
  readonly removed: readonly string[];
}

/**
 * Compose ignores uid, gid and mode of file secrets, and containers run as many users: so the files are readable by all
 * inside a folder that only its owner may enter.
 */
const fileMode = 0o444;

/** Brings the folder to exactly these files; a second call writes nothing. Each file changes at once. */
export function writeSecretFiles(folder: string, files: SecretFiles): WrittenFiles {
  const written: string[] = [];
  const removed: string[] = [];
  privateFolder(folder);
  for (const [service, contents] of files) {
    const own = join(folder, service);
    if (!isFolder(own)) rmSync(own, { force: true });
    privateFolder(own);
    for (const [file, content] of contents) {
      const path = join(own, file);
      // Docker makes an empty folder where it should mount a file that isn't there.
      if (isFolder(path)) rmSync(path, { recursive: true });
      if (readIfThere(path) === content) chmodSync(path, fileMode);
      else {
        writeAtomically(path, content, fileMode);
        written.push(`${service}/${file}`);
      }
    }
    for (const name of readdirSync(own)) {
      if (contents.has(name)) continue;
      rmSync(join(own, name), { recursive: true });
      removed.push(`${service}/${name}`);
    }
  }
  for (const name of readdirSync(folder)) {
    if (files.has(name)) continue;
    rmSync(join(folder, name), { recursive: true });
    removed.push(name);
  }
  return { written, removed };
}

/** When the newest of a service's secret files was written, in milliseconds; undefined where it has none. */
export function newestSecret(folder: string, service: string): number | undefined {
  const own = join(folder, service);
  if (!isFolder(own)) return undefined;
  const times = readdirSync(own).map((name) => lstatSync(join(own, name)).mtimeMs);
  return times.length === 0 ? undefined : Math.max(...times);
}

const isFolder = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

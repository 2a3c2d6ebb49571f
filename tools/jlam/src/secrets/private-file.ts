/** Files that nobody reads half-written: made beside their place with the right mode, then renamed into it. */
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Makes a folder that only its owner may enter; repairs the mode of one that is there. */
export function privateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
}

/** Puts `text` at `path` at once. `mode` holds whatever the umask is. The folder must be there. */
export function writeAtomically(path: string, text: string, mode: number): void {
  const temporary = `${path}.${process.pid}.new`;
  try {
    writeFileSync(temporary, text, { mode: 0o600 });
    chmodSync(temporary, mode);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** As {@link writeAtomically}, in a folder that is made private first. */
export function writePrivately(path: string, text: string): void {
  privateFolder(dirname(path));
  writeAtomically(path, text, 0o600);
}

/** The text of a file, or undefined where there is none. Throws what else keeps it from being read. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

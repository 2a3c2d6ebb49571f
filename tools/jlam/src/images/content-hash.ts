/** Hashes of files, for tags that change exactly when what is built changes. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * SHA-256, in hexadecimal, of the names, contents and executable bits of files below `root`, and of further `parts`.
 * The order of `paths` doesn't matter.
 */
export function hashFiles(root: string, paths: readonly string[], parts: readonly string[] = []): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part}\0`);
  for (const path of [...paths].sort()) {
    const file = join(root, path);
    const executable = (statSync(file).mode & 0o111) !== 0;
    const content = createHash("sha256").update(readFileSync(file)).digest("hex");
    hash.update(`${path}\0${executable ? "x" : "-"}\0${content}\0`);
  }
  return hash.digest("hex");
}

/**
 * The files below `root` that `keep` doesn't refuse, as sorted relative paths with slashes. `enter` says whether a
 * folder can hold any, so that node_modules isn't walked. Links are followed if they lead to a file.
 */
export function listFiles(
  root: string,
  keep: (path: string) => boolean = () => true,
  enter: (path: string) => boolean = () => true,
): readonly string[] {
  const found: string[] = [];
  const walk = (folder: string) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (enter(path)) walk(path);
      } else if (keep(path) && (entry.isFile() || leadsToFile(join(root, path)))) found.push(path);
    }
  };
  walk("");
  return found.sort();
}

function leadsToFile(link: string): boolean {
  try {
    readlinkSync(link);
    return statSync(link).isFile();
  } catch {
    return false;
  }
}

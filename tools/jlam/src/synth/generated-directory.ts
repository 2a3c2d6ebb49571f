/** A folder of generated files on disk: what would change, which files somebody edited by hand, and the writing itself. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { contentHash, manifestName, type EmittedFiles } from "@jlam/compose-dsl";

export interface GeneratedChanges {
  /** Paths below the folder that are new or different. */
  readonly changed: readonly string[];
  /** Paths that the last run wrote and this one doesn't. */
  readonly removed: readonly string[];
  readonly unchanged: number;
  /** Paths whose content is neither what the last run wrote nor what this one would. */
  readonly editedByHand: readonly string[];
}

/** Compares what is on disk with what was emitted. Reads only. */
export function compareGenerated(directory: string, files: EmittedFiles): GeneratedChanges {
  const known = readManifest(directory);
  const changed: string[] = [];
  const editedByHand: string[] = [];
  let unchanged = 0;
  for (const [path, text] of files) {
    const current = read(join(directory, path));
    if (current === text) unchanged += 1;
    else {
      changed.push(path);
      if (current !== undefined && path !== manifestName && contentHash(current) !== known[path]) editedByHand.push(path);
    }
  }
  const removed: string[] = [];
  for (const path of Object.keys(known)) {
    if (files.has(path)) continue;
    const current = read(join(directory, path));
    if (current === undefined) continue;
    removed.push(path);
    if (contentHash(current) !== known[path]) editedByHand.push(path);
  }
  return { changed, removed, unchanged, editedByHand };
}

/** Writes what changed, each file at once by a rename, and removes what is no longer generated. The manifest comes last. */
export function writeGenerated(directory: string, files: EmittedFiles, { changed, removed }: GeneratedChanges): void {
  for (const path of changed) {
    const target = join(directory, path);
    mkdirSync(dirname(target), { recursive: true });
    const temporary = `${target}.jlam-new`;
    writeFileSync(temporary, files.get(path) ?? "");
    renameSync(temporary, target);
  }
  for (const path of removed) rmSync(join(directory, path));
}

function readManifest(directory: string): Readonly<Record<string, string>> {
  const text = read(join(directory, manifestName));
  if (text === undefined) return {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== "object" || parsed === null || !("files" in parsed)) return {};
    return Object.fromEntries(Object.entries(parsed.files ?? {}).map(([path, hash]) => [path, String(hash)]));
  } catch {
    // A manifest that can't be read (a merge conflict) knows nothing: every differing file counts as edited by hand.
    return {};
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/**
 * `node hand-edits.ts <generated folder>`: one line with the path and hash of every file that differs from what
 * `jlam synth` wrote, and nothing where none does. An input of the target `synth`: Nx restores outputs from its cache
 * over whatever is there, so an edit has to change the task's hash, and then `jlam synth` runs and reports it.
 */
import { globSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { contentHash, manifestName } from "@jlam/compose-dsl";
import { z } from "zod";

const manifestSchema = z.object({ files: z.record(z.string(), z.string()) });

/** The files of `folder` that are not as its manifest says, with what they are now; without a manifest, every file. */
export function handEdits(folder: string): readonly string[] {
  const present = new Map<string, string>();
  for (const entry of globSync("**/*", { cwd: folder, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    present.set(relative(folder, path), contentHash(readFileSync(path, "utf8")));
  }
  const written = readManifest(folder);
  if (written !== undefined) present.delete(manifestName);
  return [...new Set([...present.keys(), ...(written?.keys() ?? [])])]
    .filter((path) => present.get(path) !== written?.get(path))
    .sort()
    .map((path) => `${path} ${present.get(path) ?? "missing"}`);
}

/** Hashes by path; undefined where there is no manifest or a merge conflict made it unreadable. */
function readManifest(folder: string): ReadonlyMap<string, string> | undefined {
  try {
    const parsed = manifestSchema.safeParse(JSON.parse(readFileSync(join(folder, manifestName), "utf8")));
    return parsed.success ? new Map(Object.entries(parsed.data.files)) : undefined;
  } catch {
    return undefined;
  }
}

if (import.meta.main) {
  for (const folder of process.argv.slice(2)) for (const edit of handEdits(folder)) process.stdout.write(`${edit}\n`);
}

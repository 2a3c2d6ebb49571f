/** The compiler's word on all declarations, asked only when a source changed since it last said yes. */
import { createHash } from "node:crypto";
import { globSync, statSync } from "node:fs";
import { join } from "node:path";
import { formatDiagnostic } from "@jlam/compose-dsl";
import { checkTypes } from "../check/types.ts";
import { readIfThere, writePrivately } from "../secrets/private-file.ts";
import { PersonError } from "../terminal/failure.ts";

/** What the declarations can consist of, and what changes the meaning of it. */
const sources = ["{libs,apps,environments}/**/*.ts", "environments/tsconfig.json", "tsconfig.base.json", "package-lock.json"];

/** Errors follow from each other; the first few are the ones to mend. */
const mostShown = 5;

/**
 * Type-checks the declarations; returns false where nothing changed since the last time that it passed.
 * @throws PersonError with the compiler's messages
 */
export async function ensureTypes(root: string): Promise<boolean> {
  const stamp = join(root, ".jlam", "types-checked");
  const state = stateOf(root);
  if (readIfThere(stamp) === state) return false;
  const found = await checkTypes(root);
  if (found.length > 0) {
    const shown = found.slice(0, mostShown).map((diagnostic) => formatDiagnostic(diagnostic, { colour: false, root }));
    throw new PersonError("The declarations have type errors; nothing was started.", {
      why: [...shown, ...(found.length > mostShown ? [`… and ${found.length - mostShown} more`] : [])].join("\n"),
      fix: "The editor shows them in place; `jlam check` lists all.",
    });
  }
  writePrivately(stamp, state);
  return true;
}

/** Names, sizes and times of all sources. */
function stateOf(root: string): string {
  const hash = createHash("sha256");
  const files = globSync(sources, { cwd: root, exclude: (name) => name === "node_modules" || name === "generated" || name === "dist" });
  for (const file of files.sort()) {
    const { size, mtimeMs } = statSync(join(root, file));
    hash.update(`${file}\0${size}\0${mtimeMs}\0`);
  }
  return hash.digest("hex");
}

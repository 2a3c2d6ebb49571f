/** The compiler's word on all declarations, asked only when a source changed since it last said yes. */
import { createHash } from "node:crypto";
import { existsSync, globSync, statSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { readIfThere, writePrivately } from "../secrets/private-file.ts";
import { PersonError } from "../terminal/failure.ts";

/** What tsconfig.json includes, and what changes the meaning of it. */
const sources = ["{libs,apps,environments,tools,bench}/**/*.ts", "*.ts", "tsconfig*.json", "package-lock.json"];

/**
 * Type-checks the repository; returns false where nothing changed since the last time that it passed.
 * @throws PersonError with the compiler's messages
 */
export async function ensureTypes(root: string): Promise<boolean> {
  const stamp = join(root, ".jlam", "types-checked");
  const state = stateOf(root);
  if (readIfThere(stamp) === state) return false;
  const compiler = join(root, "node_modules", ".bin", "tsc");
  if (!existsSync(compiler)) throw new PersonError("The TypeScript compiler is not installed.", { where: compiler, fix: "Run `npm ci`." });
  const result = await execa(compiler, ["--noEmit", "--pretty", "false", "--project", join(root, "tsconfig.json")], { cwd: root, reject: false, all: true, timeout: 300_000 });
  if (result.failed) {
    const lines = result.all.split("\n").filter((line) => line !== "");
    throw new PersonError("The declarations have type errors; nothing was started.", {
      why: lines.slice(0, 15).join("\n") + (lines.length > 15 ? `\n… and ${lines.length - 15} more lines` : ""),
      fix: "The editor shows them in place; `npm run typecheck` lists all.",
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

/** The hook that scans for secrets before each commit. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { execa } from "execa";

/** A person's own hook is theirs to change: this one says what to call, and the script itself stays in the repository. */
const hook = `#!/bin/sh
# Made by \`jlam up\`: scans what is staged for secrets. Remove this file to be without it.
scan="$(git rev-parse --show-toplevel)/tools/jlam/src/secrets/scan/pre-commit"
[ ! -x "$scan" ] || exec "$scan"
`;

/**
 * Installs the hook where none is there, for every worktree of the clone. Returns its path, or undefined where nothing was
 * done: there is a hook already, or no git.
 */
export async function installHook(root: string): Promise<string | undefined> {
  const { failed, stdout } = await execa("git", ["rev-parse", "--git-path", "hooks/pre-commit"], { cwd: root, reject: false });
  if (failed) return undefined;
  const path = resolve(root, stdout.trim());
  if (existsSync(path)) return undefined;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, hook, { mode: 0o755, flag: "wx" });
  return path;
}

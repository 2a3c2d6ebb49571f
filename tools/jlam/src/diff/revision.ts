/** Generated files as a git revision has them. */
import { execa } from "execa";
import { PersonError } from "../terminal/failure.ts";

/** Longest that one call of git may take, in milliseconds; none of them does more than read local objects. */
const timeout = 30_000;

/** Generated files by environment, each by its path below `generated/`. */
export type GeneratedAt = ReadonlyMap<string, ReadonlyMap<string, string>>;

/**
 * The committed `environments/<name>/generated` of every environment at `revision`. Touches neither the working tree
 * nor the index, so a dirty tree doesn't matter.
 * @throws PersonError where `root` is no repository, or the revision isn't known to it
 */
export async function generatedAt(root: string, revision: string): Promise<GeneratedAt> {
  const commit = await commitOf(root, revision);
  const listed = await git(root, ["ls-tree", "-r", "-z", "--name-only", commit, "--", "environments"]);
  const paths = listed.split("\0").flatMap((path) => {
    const [, environment, below] = /^environments\/([^/]+)\/generated\/(.+)$/.exec(path) ?? [];
    return environment !== undefined && below !== undefined ? [{ path, environment, below }] : [];
  });
  const texts = await Promise.all(paths.map(({ path }) => git(root, ["cat-file", "blob", `${commit}:${path}`])));
  const found = new Map<string, Map<string, string>>();
  for (const [index, { environment, below }] of paths.entries()) {
    const files = found.get(environment) ?? new Map<string, string>();
    found.set(environment, files);
    files.set(below, texts[index] ?? "");
  }
  return found;
}

async function commitOf(root: string, revision: string): Promise<string> {
  const result = await execa("git", ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`], { cwd: root, timeout, reject: false });
  if (result.exitCode === 0) return result.stdout.trim();
  if (result.exitCode === undefined || result.exitCode === 128) {
    const why = result.stderr || result.shortMessage;
    if (why !== undefined && why !== "") throw new PersonError("git can't read this repository.", { where: root, why, fix: "Run it in a clone of the repository, with git installed." });
  }
  throw new PersonError(`git knows no revision "${revision}".`, {
    where: root,
    fix: "Name a commit, branch or tag that is here; `git log --oneline` lists commits, `git fetch` gets those of others.",
  });
}

/** Runs git and returns its output as it is; blobs must not lose their last newline. */
async function git(root: string, args: readonly string[]): Promise<string> {
  const { stdout } = await execa("git", args, { cwd: root, timeout, stripFinalNewline: false, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

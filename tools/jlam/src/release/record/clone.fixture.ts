/** Repositories and keys for tests: real git and real OpenSSH, in a folder that goes with the test. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** A folder that is removed after the test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "jlam-release-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Runs git as somebody, and returns what it printed. */
export const gitAs = (address: string, root: string, ...args: readonly string[]): string =>
  execFileSync("git", ["-c", `user.name=${address}`, "-c", `user.email=${address}`, "-c", "commit.gpgsign=false", ...args], { cwd: root, encoding: "utf8", timeout: 30_000, stdio: ["ignore", "pipe", "pipe"] });

/** A source repository of these people's commits, oldest first; each writes the given files. */
export function source(commits: readonly { readonly by: string; readonly files: Readonly<Record<string, string>>; readonly message?: string }[]): string {
  const root = folder();
  gitAs("setup@example.nl", root, "init", "--quiet", "--initial-branch=main");
  gitAs("setup@example.nl", root, "config", "user.name", "Test");
  gitAs("setup@example.nl", root, "config", "user.email", "test@example.nl");
  for (const commit of commits) addCommit(root, commit);
  return root;
}

/** Adds a commit and returns its revision. */
export function addCommit(root: string, { by, files, message = "a change" }: { readonly by: string; readonly files: Readonly<Record<string, string>>; readonly message?: string }): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  gitAs(by, root, "add", ".");
  gitAs(by, root, "commit", "--quiet", "--allow-empty", "-m", message);
  return revisionOf(root);
}

export const revisionOf = (root: string): string => gitAs("test@example.nl", root, "rev-parse", "HEAD").trim();

/** A bare repository, as a remote. */
export function remote(): string {
  const path = folder();
  gitAs("setup@example.nl", path, "init", "--quiet", "--bare");
  return path;
}

export interface Key {
  /** Path of the private key. */
  readonly path: string;
  /** Its line in allowed_signers, for what it may sign. */
  readonly allowed: (principal: string, ...namespaces: readonly string[]) => string;
}

/** A new SSH key. */
export function key(): Key {
  const path = join(folder(), "key");
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", path], { timeout: 30_000 });
  const [type = "", text = ""] = readFileSync(`${path}.pub`, "utf8").split(" ");
  return { path, allowed: (principal, ...namespaces) => `${principal} namespaces="${namespaces.join(",")}" ${type} ${text}\n` };
}

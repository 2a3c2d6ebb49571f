/**
 * Where releases, approvals, evidence and the heads of journals live: one branch of a git repository, to which files are
 * only ever added. Whoever wants to change what was there must rewrite the branch, which a protected branch refuses.
 *
 * It is the branch `releases` of JLAM_RELEASE_REPOSITORY (a URL or path), else of the remote `origin`, else of this
 * clone alone. Objects are kept in the clone; its working tree and index are never touched.
 */
import { execa } from "execa";
import { PersonError } from "../../terminal/failure.ts";

export interface ReleaseRepository {
  /** The clone whose objects are used. */
  readonly clone: string;
  /** URL, path or name of the remote that has the truth; undefined: this clone has it. */
  readonly remote: string | undefined;
}

const branch = "refs/heads/releases";
/** Where the clone keeps what it last saw of the branch, or the branch itself without a remote. */
const local = "refs/jlam/releases";

/** Longest that one call of git may take, in milliseconds: the remote may be far away. */
const usualTimeout = 60_000;
/** How often a write is tried anew when somebody else wrote in between. */
const attempts = 5;

/** The release repository as this clone and its environment name it. */
export async function openRepository(clone: string, variable: string | undefined = process.env["JLAM_RELEASE_REPOSITORY"]): Promise<ReleaseRepository> {
  if (variable !== undefined && variable !== "") return { clone, remote: variable };
  const { stdout, failed } = await git(clone, ["remote"]);
  return { clone, remote: !failed && stdout.split("\n").includes("origin") ? "origin" : undefined };
}

/** A state of the branch to read from; undefined commit: nothing was ever written. */
export interface Snapshot {
  readonly repository: ReleaseRepository;
  readonly commit: string | undefined;
}

/**
 * The newest state of the branch.
 * @throws PersonError where the remote doesn't answer within `timeout` milliseconds
 */
export async function snapshot(repository: ReleaseRepository, limit: Limit = {}): Promise<Snapshot> {
  const { clone, remote } = repository;
  if (remote !== undefined) {
    const fetched = await git(clone, ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", remote, `+${branch}:${local}`], limit);
    if (fetched.failed && !/couldn't find remote ref/i.test(fetched.stderr)) throw unreachable(repository, fetched.stderr);
    // An empty remote has the truth too: what an earlier remote had is no state of this one.
    if (fetched.failed) await git(clone, ["update-ref", "-d", local]);
  }
  return await lastSeen(repository);
}

/** The state that this clone saw last, without asking the remote: for what can't wait for it. */
export async function lastSeen(repository: ReleaseRepository): Promise<Snapshot> {
  const { stdout, failed } = await git(repository.clone, ["rev-parse", "--verify", "--quiet", `${local}^{commit}`]);
  return { repository, commit: failed ? undefined : stdout.trim() };
}

/** Files below a folder, by their path from the root of the branch. Empty where there are none. */
export async function filesBelow({ repository, commit }: Snapshot, folder: string): Promise<ReadonlyMap<string, string>> {
  if (commit === undefined) return new Map();
  const listed = await mustGit(repository.clone, ["ls-tree", "-r", "-z", commit, "--", `${folder}/`]);
  const entries = listed.split("\0").flatMap((line) => {
    const [, object, path] = /^\d+ blob ([0-9a-f]+)\t(.+)$/s.exec(line) ?? [];
    return object !== undefined && path !== undefined ? [{ object, path }] : [];
  });
  return new Map(await readObjects(repository.clone, entries));
}

/** Names directly below a folder, sorted. */
export async function namesBelow({ repository, commit }: Snapshot, folder: string): Promise<readonly string[]> {
  if (commit === undefined) return [];
  const listed = await mustGit(repository.clone, ["ls-tree", "-z", "--name-only", commit, "--", `${folder}/`]);
  return listed.split("\0").flatMap((path) => (path === "" ? [] : [path.slice(folder.length + 1)]));
}

/** One file; undefined where there is none. */
export async function fileAt({ repository, commit }: Snapshot, path: string): Promise<string | undefined> {
  if (commit === undefined) return undefined;
  const read = await git(repository.clone, ["cat-file", "blob", `${commit}:${path}`]);
  return read.failed ? undefined : read.stdout;
}

/** A file to write. `replaces`: the only kind that may be there with another content. */
export interface NewFile {
  readonly path: string;
  readonly text: string;
  readonly replaces?: true;
}

/**
 * Adds files in one commit, on top of whatever is there by now. Files that are there with the same content are left as
 * they are; where nothing is new, nothing is written. `decide` is asked again when somebody else wrote in between.
 * @returns whether something was written
 * @throws PersonError for a file that is there with another content, and where the remote refuses
 */
export async function addFiles(repository: ReleaseRepository, message: string, decide: (current: Snapshot) => Promise<readonly NewFile[]>): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    const current = await snapshot(repository);
    const files = await onlyNew(current, await decide(current));
    if (files.length === 0) return false;
    const refusal = await commitAndPush(current, message, files);
    if (refusal === undefined) return true;
    if (attempt === attempts) throw unreachable(repository, refusal);
  }
}

async function onlyNew(current: Snapshot, files: readonly NewFile[]): Promise<readonly NewFile[]> {
  const fresh: NewFile[] = [];
  for (const file of files) {
    const there = await fileAt(current, file.path);
    if (there === file.text) continue;
    if (there !== undefined && file.replaces !== true) {
      throw new PersonError(`The release repository has ${file.path} already, with another content.`, {
        where: current.repository.remote ?? current.repository.clone,
        why: "what was recorded is never changed",
        fix: "Somebody edited it, or two versions of jlam disagree: look at `git log refs/jlam/releases`.",
      });
    }
    fresh.push(file);
  }
  return fresh;
}

/** Undefined where it worked, else why not. A push that isn't a fast-forward is refused by git: somebody else was first. */
async function commitAndPush({ repository: { clone, remote }, commit }: Snapshot, message: string, files: readonly NewFile[]): Promise<string | undefined> {
  const committer = (await mustGit(clone, ["var", "GIT_COMMITTER_IDENT"])).trim();
  const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const stream = [
    `commit ${local}\ncommitter ${committer}\n${data(message)}`,
    commit === undefined ? "" : `from ${commit}\n`,
    ...files.map(({ path, text }) => `M 100644 inline ${path}\n${data(text)}`),
    "\ndone\n",
  ].join("");
  const imported = await git(clone, ["fast-import", "--quiet", "--done"], { input: stream });
  if (imported.failed) return imported.stderr;
  if (remote === undefined) return undefined;
  const pushed = await git(clone, ["push", "--quiet", remote, `${local}:${branch}`]);
  return pushed.failed ? pushed.stderr : undefined;
}

async function readObjects(clone: string, entries: readonly { readonly object: string; readonly path: string }[]): Promise<readonly (readonly [string, string])[]> {
  if (entries.length === 0) return [];
  const { stdout } = await execa("git", ["cat-file", "--batch"], { cwd: clone, timeout: usualTimeout, input: entries.map(({ object }) => `${object}\n`).join(""), encoding: "buffer", maxBuffer: 256 * 1024 * 1024 });
  const found: (readonly [string, string])[] = [];
  let offset = 0;
  const bytes = Buffer.from(stdout);
  for (const { path } of entries) {
    const end = bytes.indexOf("\n", offset);
    const size = Number(bytes.subarray(offset, end).toString().split(" ")[2]);
    found.push([path, bytes.subarray(end + 1, end + 1 + size).toString()]);
    offset = end + 1 + size + 1;
  }
  return found;
}

function unreachable({ clone, remote }: ReleaseRepository, why: string): PersonError {
  return new PersonError("The release repository can't be read or written.", {
    where: remote ?? clone,
    why: why.trim(),
    fix: "See that git can fetch and push there; JLAM_RELEASE_REPOSITORY names another one.",
  });
}

interface GitResult {
  readonly failed: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

interface Limit {
  /** Longest that the call may take, in milliseconds. */
  readonly timeout?: number;
}

async function git(clone: string, args: readonly string[], { input, timeout = usualTimeout }: Limit & { readonly input?: string } = {}): Promise<GitResult> {
  const result = await execa("git", args, { cwd: clone, timeout, reject: false, stripFinalNewline: false, maxBuffer: 256 * 1024 * 1024, env: { GIT_TERMINAL_PROMPT: "0" }, ...(input !== undefined && { input }) });
  return { failed: result.failed, stdout: result.stdout, stderr: result.failed && result.exitCode === undefined ? (result.shortMessage ?? "") : result.stderr };
}

async function mustGit(clone: string, args: readonly string[]): Promise<string> {
  const result = await git(clone, args);
  if (result.failed) throw new PersonError("git can't read this repository.", { where: clone, why: result.stderr.trim(), fix: "Run it in a clone of the repository, with git installed and user.name and user.email set." });
  return result.stdout;
}

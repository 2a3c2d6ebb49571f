/** What git says about the source that a release is built from: is it clean, who wrote it, who is asking. */
import { execa } from "execa";
import { PersonError } from "../../terminal/failure.ts";

/** Longest that one call of git may take, in milliseconds; none of them does more than read local objects. */
const timeout = 30_000;

export interface SourceState {
  readonly revision: string;
  /** UTC, without fractions: the same commit gives the same text. */
  readonly committedAt: string;
}

/**
 * The revision that is checked out.
 * @throws PersonError where files differ from it, or are there and not in it: nobody could build that release again
 */
export async function cleanRevision(root: string): Promise<SourceState> {
  const changed = (await git(root, ["status", "--porcelain", "--untracked-files=all"])).split("\n").filter((line) => line !== "");
  if (changed.length > 0) {
    throw new PersonError("The working tree has changes that are in no commit, so no release can be built from it.", {
      where: root,
      why: [...changed.slice(0, 10), ...(changed.length > 10 ? [`… and ${changed.length - 10} more`] : [])].join("\n"),
      fix: "Commit them, or build from a clean clone: a release names the revision from which everybody can build it again.",
    });
  }
  const [revision = "", seconds = ""] = (await git(root, ["show", "--no-patch", "--format=%H %ct", "HEAD"])).trim().split(" ");
  return { revision, committedAt: new Date(Number(seconds) * 1000).toISOString().replace(".000Z", "Z") };
}

/**
 * Mail addresses of authors and co-authors of everything that `to` has and `from` hasn't; of `to` alone where nothing
 * ran before. Lower case, sorted.
 * @throws PersonError where a revision isn't in this clone: then nobody can say who wrote it
 */
export async function authorsBetween(root: string, from: string | undefined, to: string): Promise<readonly string[]> {
  for (const revision of from === undefined ? [to] : [from, to]) {
    if (await isKnown(root, revision)) continue;
    throw new PersonError(`This clone doesn't have the revision ${revision.slice(0, 12)}, so that nobody can say who wrote the release.`, { where: root, fix: "Run `git fetch --unshallow` or `git fetch`, in a clone of the repository that the release was built from." });
  }
  // A release of an older revision brings nothing new; whoever wrote that revision is its author all the same.
  const range = from === undefined || from === to ? ["--max-count=1", to] : [`${from}..${to}`];
  const format = "--format=%ae%n%(trailers:key=Co-authored-by,valueonly,unfold)";
  const listed = await git(root, ["log", format, ...range]);
  const found = listed.trim() === "" ? await git(root, ["log", format, "--max-count=1", to]) : listed;
  return [...new Set(found.split("\n").flatMap(addressIn))].sort();
}

const addressIn = (line: string): readonly string[] => {
  const text = line.trim();
  const address = /<([^<>]+)>$/.exec(text)?.[1] ?? text;
  return address === "" ? [] : [address.toLowerCase()];
};

const isKnown = async (root: string, revision: string): Promise<boolean> => !(await execa("git", ["cat-file", "-e", `${revision}^{commit}`], { cwd: root, timeout, reject: false })).failed;

/** A file as a commit has it; undefined where it has none, or where the commit isn't here. */
export async function committedFile(root: string, revision: string, path: string): Promise<string | undefined> {
  const read = await execa("git", ["cat-file", "blob", `${revision}:${path}`], { cwd: root, timeout, reject: false, stripFinalNewline: false });
  return read.failed ? undefined : read.stdout;
}

/** Mail address of whoever gives the command, as git knows it. @throws PersonError where git doesn't */
export async function whoAsks(root: string): Promise<string> {
  const identity = await execa("git", ["var", "GIT_AUTHOR_IDENT"], { cwd: root, timeout, reject: false });
  const address = /<([^<>]+)>/.exec(identity.stdout)?.[1];
  if (identity.failed || address === undefined) throw new PersonError("Nobody knows who you are.", { why: identity.stderr.trim(), fix: "Say it to git: `git config user.name …` and `git config user.email …`; the address is the one in allowed_signers." });
  return address.toLowerCase();
}

/** The key to sign with: as it was asked for, JLAM_SIGNING_KEY, or the one of `git config user.signingkey`. @throws PersonError where there is none */
export async function signingKey(root: string, asked: string | undefined): Promise<string> {
  const known = asked ?? process.env["JLAM_SIGNING_KEY"];
  if (known !== undefined && known !== "") return known;
  const configured = await execa("git", ["config", "--type=path", "user.signingkey"], { cwd: root, timeout, reject: false });
  if (!configured.failed && configured.stdout !== "") return configured.stdout;
  throw new PersonError("There is no key to sign with.", { fix: "Name your SSH key with --key, JLAM_SIGNING_KEY or `git config user.signingkey`." });
}

async function git(root: string, args: readonly string[]): Promise<string> {
  const result = await execa("git", args, { cwd: root, timeout, reject: false });
  if (result.failed) throw new PersonError("git can't read this repository.", { where: root, why: result.stderr.trim() || result.shortMessage, fix: "Run it in a clone of the repository, with git installed." });
  return result.stdout;
}

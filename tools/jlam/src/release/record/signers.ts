/** Who may sign, as git has it: never as a file of the working tree says. */
import { committedFile } from "./source.ts";
import { verify, type Namespace, type Signature } from "./signature.ts";

/** allowed_signers files (ssh-keygen(1)) that a signature must satisfy, each. */
export interface Signers {
  readonly files: readonly string[];
}

/** Where an environment's file is, in the source repository. */
export const signersPath = (environment: string): string => `environments/${environment}/allowed_signers`;

/** The branch that everybody merges into, as this clone last saw it at its remote. */
const mainBranch = "refs/remotes/origin/main";

/**
 * The signers of an environment: those of the commit that is checked out, of main as the remote has it, and of the
 * revision that runs there. So a key that was taken away counts no more at once, whatever is checked out, and a release
 * can't bring its own approver. A revision that names nobody yet doesn't count, or else the first keys could never come.
 */
export async function signersOf(root: string, environment: string, running: string | undefined): Promise<Signers> {
  const now = (await committedFile(root, "HEAD", signersPath(environment))) ?? "";
  const others = await Promise.all([mainBranch, ...(running === undefined ? [] : [running])].map((revision) => committedFile(root, revision, signersPath(environment))));
  return { files: [now, ...others.flatMap((text) => (text !== undefined && namesSomebody(text) ? [text] : []))] };
}

const namesSomebody = (text: string): boolean => text.split("\n").some((line) => line.trim() !== "" && !line.trim().startsWith("#"));

/** Checks a signature against all files; the first that it doesn't satisfy decides. */
export async function checkSignature(text: string, signature: string, { files }: Signers, options: { readonly namespace: Namespace; readonly at: Date }): Promise<Signature> {
  let found: Signature = { kind: "unknown-signer" };
  for (const allowed of files) {
    found = await verify(text, signature, { allowed, ...options });
    if (found.kind !== "valid") return found;
  }
  return found;
}

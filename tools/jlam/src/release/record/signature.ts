/** Signatures made and checked by OpenSSH, so that people sign with the keys they already have. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { PersonError } from "../../terminal/failure.ts";

/**
 * What a signature is for. A signature for one doesn't pass for another, and allowed_signers can grant each apart
 * (`namespaces="…"`), so that a CI key that vouches for tests can't approve.
 */
export const namespaces = { approval: "approval@jlam.nl", evidence: "evidence@jlam.nl", journal: "journal@jlam.nl" } as const;
export type Namespace = (typeof namespaces)[keyof typeof namespaces];

/** Longest that one call of ssh-keygen may take, in milliseconds: a security key waits for a touch. */
const timeout = 60_000;

/** The armoured signature (`-----BEGIN SSH SIGNATURE-----`) over a text. `key` is a private key, or the public one of a key that an agent holds. */
export async function sign(text: string, key: string, namespace: Namespace): Promise<string> {
  const result = await execa("ssh-keygen", ["-q", "-Y", "sign", "-f", key, "-n", namespace], { input: text, timeout, reject: false, stripFinalNewline: false });
  if (result.failed) {
    throw new PersonError("The signature could not be made.", {
      where: key,
      why: result.stderr.trim() || result.shortMessage,
      fix: "Name your SSH key with --key, JLAM_SIGNING_KEY or `git config user.signingkey`; its public key belongs in allowed_signers.",
    });
  }
  return result.stdout;
}

/** What a signature proved. */
export type Signature =
  /** Made by this principal of allowed_signers, who may sign for this, over exactly this text. */
  | { readonly kind: "valid"; readonly principal: string }
  /** Made by a key that allowed_signers doesn't have, or not for this. */
  | { readonly kind: "unknown-signer" }
  /** No signature over this text. */
  | { readonly kind: "invalid"; readonly why: string };

/**
 * Checks a signature against the text of an allowed_signers file, as it was valid at `at`.
 * @throws PersonError where ssh-keygen is missing
 */
export async function verify(text: string, signature: string, { allowed, namespace, at }: { readonly allowed: string; readonly namespace: Namespace; readonly at: Date }): Promise<Signature> {
  if (!signature.startsWith("-----BEGIN SSH SIGNATURE-----")) return { kind: "invalid", why: "there is no SSH signature" };
  const folder = await mkdtemp(join(tmpdir(), "jlam-signature-"));
  try {
    const [signers, armoured] = [join(folder, "allowed_signers"), join(folder, "signature")];
    await Promise.all([writeFile(signers, allowed), writeFile(armoured, signature)]);
    const time = `-Overify-time=${opensshTime(at)}`;
    const found = await keygen(["-Y", "find-principals", "-s", armoured, "-f", signers, time], "");
    const principal = found.stdout.split("\n")[0]?.trim() ?? "";
    if (found.failed || principal === "") return { kind: "unknown-signer" };
    const checked = await keygen(["-Y", "verify", "-f", signers, "-I", principal, "-n", namespace, "-s", armoured, time], text);
    if (!checked.failed) return { kind: "valid", principal };
    const why = `${checked.stdout}\n${checked.stderr}`.trim();
    return /incorrect signature|verification failed/i.test(why) ? { kind: "invalid", why: "it was made over another text" } : { kind: "unknown-signer" };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function keygen(args: readonly string[], input: string): Promise<{ readonly failed: boolean; readonly stdout: string; readonly stderr: string }> {
  const result = await execa("ssh-keygen", args, { input, timeout, reject: false });
  if (result.exitCode === undefined) throw new PersonError("Signatures can't be checked here.", { why: result.shortMessage ?? "ssh-keygen did not end", fix: "Install OpenSSH's client: `apt-get install openssh-client`." });
  return { failed: result.failed, stdout: result.stdout, stderr: result.stderr };
}

/** `YYYYMMDDHHMMSSZ`, as ssh-keygen(1) has it. */
const opensshTime = (at: Date): string => `${at.toISOString().replace(/[-:T]/g, "").slice(0, 14)}Z`;

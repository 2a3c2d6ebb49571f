/** The keys of a run in a GnuPG home of its own: two public ones that sets are encrypted for, and one that signs. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BackupError, messageOf } from "../failure.ts";
import { runPrograms, type Program } from "../programs/pipeline.ts";

/** Files of ASCII-armoured keys. */
export interface KeyFiles {
  /** Public key of operations, which restores from day to day. */
  readonly operations: string;
  /** Public key whose private half lies in the escrow kit alone. */
  readonly escrow: string;
  /** Private key that signs manifests, without a passphrase; it decrypts nothing. */
  readonly signing: string;
}

/** Recognises what was signed by us. */
export interface Signatures {
  /**
   * The text inside the signature.
   * @throws BackupError when it isn't signed by our own signing key, or was changed
   */
  verify(signed: string): Promise<string>;
  /** The public half of the signing key, armoured: what a reader recognises us by. */
  publicKey(): Promise<string>;
  close(): Promise<void>;
}

export interface Keyring extends Signatures {
  /** Fingerprints that every object is encrypted for. */
  readonly recipients: readonly [string, string];
  /** Fingerprint that manifests are signed with. */
  readonly signer: string;
  /** Encrypts what it reads with AES-256 for both recipients; this machine can't read it again. */
  readonly encryption: Program;
  /** A small text encrypted for both recipients, armoured. */
  encrypt(text: string): Promise<string>;
  /** `text` with a signature around it, readable as it is. */
  sign(text: string): Promise<string>;
}

const gpg = (home: string, ...args: readonly string[]): Program => ({ command: "gpg", args: ["--homedir", home, "--batch", "--no-tty", "--quiet", "--no-autostart", ...args] });
/** With the agent, which alone touches private keys. */
const gpgWithAgent = (home: string, ...args: readonly string[]): Program => ({ command: "gpg", args: ["--homedir", home, "--batch", "--no-tty", "--quiet", ...args] });

/**
 * Reads the keys and asserts that they serve: before anything is dumped, because a key that has expired at night would
 * otherwise be noticed when the database is half sent.
 * @throws BackupError for a key that is missing, no key, expired, or unfit
 */
export async function openKeyring(files: KeyFiles, now: Date): Promise<Keyring> {
  const home = await mkdtemp(join(tmpdir(), "keys-"));
  const close = () => closeHome(home);
  try {
    const operations = await importKey(home, files.operations, "operations", "e", now);
    const escrow = await importKey(home, files.escrow, "escrow", "e", now);
    const signer = await importKey(home, files.signing, "signing", "s", now);
    await requirePrivate(home, files.signing);
    if (operations === escrow) throw new BackupError("The operations key and the escrow key are one and the same.", { fix: "Give the public halves of two keys: whoever loses one can then still read the sets." });
    const encrypting = ["--encrypt", "--trust-model", "always", "--cipher-algo", "AES256", "--compress-algo", "none", "--recipient", operations, "--recipient", escrow, "--output", "-"];
    return {
      recipients: [operations, escrow],
      signer,
      encryption: gpg(home, ...encrypting),
      encrypt: (text) => runPrograms([gpg(home, "--armor", ...encrypting)], text),
      sign: (text) => runPrograms([gpgWithAgent(home, "--clear-sign", "--local-user", signer, "--output", "-")], text),
      ...signaturesIn(home, signer),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * What a reader of sets needs of the keys: the signing one, of which the public half is enough.
 * @throws BackupError for a file that holds no key
 */
export async function openSignatures(file: string, now: Date): Promise<Signatures> {
  const home = await mkdtemp(join(tmpdir(), "signatures-"));
  try {
    return signaturesIn(home, await importKey(home, file, "signing", "s", now));
  } catch (error) {
    await closeHome(home);
    throw error;
  }
}

const signaturesIn = (home: string, signer: string): Signatures => ({
  verify: (signed) => verifySigned(home, signer, signed),
  publicKey: () => runPrograms([gpg(home, "--armor", "--export", signer)]),
  close: () => closeHome(home),
});

async function closeHome(home: string): Promise<void> {
  await runPrograms([{ command: "gpgconf", args: ["--homedir", home, "--kill", "all"] }]).catch(() => undefined);
  await rm(home, { recursive: true, force: true });
}

async function importKey(home: string, file: string, purpose: string, capability: "e" | "s", now: Date): Promise<string> {
  const unfit = (why: string, cause?: unknown): BackupError =>
    new BackupError(`The ${purpose} key in ${file} ${why}.`, { fix: "Put a key there as docs/decisions/0040-a-set-is-its-manifest.md tells, in ASCII armour.", cause });
  const listed = await runPrograms([gpg(home, "--with-colons", "--show-keys", file)]).catch((error: unknown) => {
    throw unfit(`can't be read: ${messageOf(error)}`, error);
  });
  const records = listed.split("\n").map((line) => line.split(":"));
  const primaries = records.filter(([type]) => type === "pub" || type === "sec");
  const fingerprint = records.find(([type]) => type === "fpr")?.[9];
  if (primaries.length !== 1 || fingerprint === undefined) throw unfit(`holds ${primaries.length} keys, and one is wanted`);
  const usable = records.some(
    ([type, validity, , , , , expires, , , , , uses]) =>
      ["pub", "sub", "sec", "ssb"].includes(type ?? "") && !/[erdi]/.test(validity ?? "") && (uses ?? "").includes(capability) && (!expires || Number(expires) * 1000 > now.getTime()),
  );
  if (!usable) throw unfit(capability === "e" ? "can't encrypt: it has expired, was revoked, or is made for something else" : "can't sign: it has expired, was revoked, or is made for something else");
  await runPrograms([gpgWithAgent(home, "--import", file)]);
  return fingerprint;
}

async function requirePrivate(home: string, file: string): Promise<void> {
  const listed = await runPrograms([gpg(home, "--with-colons", "--show-keys", file)]);
  if (/^sec:/m.test(listed)) return;
  throw new BackupError(`The signing key in ${file} is a public key, and the private one is wanted.`, { fix: "Put a key there as docs/decisions/0040-a-set-is-its-manifest.md tells, in ASCII armour." });
}

async function verifySigned(home: string, signer: string, signed: string): Promise<string> {
  const forged = (why: string, cause?: unknown): BackupError => new BackupError(`It isn't signed by us: ${why}.`, { fix: "Don't use it. Find out who wrote it, and take an older set.", cause });
  // Status lines come first on the same output; the text follows the one that says where it begins.
  const status = await runPrograms([gpg(home, "--trust-model", "always", "--status-fd", "1", "--output", "/dev/null", "--verify", "-")], signed).catch((error: unknown) => {
    throw forged(messageOf(error), error);
  });
  const valid = status.split("\n").find((line) => line.startsWith("[GNUPG:] VALIDSIG "))?.split(" ");
  if (valid?.[2] !== signer && valid?.at(-1) !== signer) throw forged("the signature is somebody else's");
  return runPrograms([gpg(home, "--trust-model", "always", "--output", "-", "--decrypt")], signed);
}

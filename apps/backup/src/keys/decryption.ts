/** Reading sets: with a private key, which the machine that makes them doesn't have. */
import { mkdtemp, rm } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BackupError, messageOf } from "../failure.ts";
import { runPrograms, type Program } from "../programs/pipeline.ts";

export interface Decryption {
  /** Decrypts what it reads. What it writes counts only once it has exited with 0. */
  readonly program: Program;
  close(): Promise<void>;
}

/**
 * Takes a private key without a passphrase, armoured, into a GnuPG home of its own; `-` is the standard input.
 * @throws BackupError when the file holds none
 */
async function openDecryption(privateKeyFile: string): Promise<Decryption> {
  const home = await mkdtemp(join(tmpdir(), "reading-"));
  const gpg = (...args: readonly string[]): Program => ({ command: "gpg", args: ["--homedir", home, "--batch", "--no-tty", "--quiet", ...args] });
  const close = async (): Promise<void> => {
    await runPrograms([{ command: "gpgconf", args: ["--homedir", home, "--kill", "all"] }]).catch(() => undefined);
    await rm(home, { recursive: true, force: true });
  };
  try {
    // From the standard input it goes to GnuPG's own home alone, which is in memory.
    await (privateKeyFile === "-" ? runPrograms([gpg("--import")], await text(process.stdin)) : runPrograms([gpg("--import", privateKeyFile)]));
    const secrets = await runPrograms([gpg("--with-colons", "--list-secret-keys")]);
    if (!secrets.includes("sec:")) throw new BackupError("it holds no private key", { fix: "Give the private half of the operations or the escrow key." });
    return { program: gpg("--decrypt", "--output", "-"), close };
  } catch (error) {
    await close();
    throw new BackupError(`The ${privateKeyFile === "-" ? "private key" : `key in ${privateKeyFile}`} can't be used: ${messageOf(error).replace(/\.+$/, "")}.`, { fix: "Give the private half of the operations or the escrow key, armoured and without a passphrase.", cause: error });
  }
}

/** Opens the key for as long as the work lasts. */
export async function withDecryption<T>(privateKeyFile: string, work: (decryption: Decryption) => Promise<T>): Promise<T> {
  const decryption = await openDecryption(privateKeyFile);
  try {
    return await work(decryption);
  } finally {
    await decryption.close();
  }
}

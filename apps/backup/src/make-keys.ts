/** Makes keys for trying things out, once: `node make-keys.js DIRECTORY PUBLIC`. Real ones are made by people, off the machine. */
import { access, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf } from "./failure.ts";
import { openSignatures } from "./keys/keyring.ts";
import { runPrograms } from "./programs/pipeline.ts";

/** Names of files in the directory; private halves are there too, so that `verify` can be tried. */
const encrypting = ["operations", "escrow"] as const;

/** A key as GnuPG's manual, "Unattended key generation", describes one: signing alone, or with a subkey that encrypts. */
const description = (name: string, encrypts: boolean): string =>
  [
    "Key-Type: EDDSA",
    "Key-Curve: ed25519",
    "Key-Usage: sign",
    ...(encrypts ? ["Subkey-Type: ECDH", "Subkey-Curve: cv25519", "Subkey-Usage: encrypt"] : []),
    `Name-Real: JLAM ${name} (throw-away)`,
    "Expire-Date: 0",
    "%no-protection",
    "%commit",
    "",
  ].join("\n");

/** Whole or not at all: a job that is killed here begins again. */
async function write(path: string, text: string): Promise<void> {
  await writeFile(`${path}.part`, text, { mode: 0o600 });
  await rename(`${path}.part`, path);
}

async function makeKeys(directory: string): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), "making-"));
  const gpg = (args: readonly string[], input?: string): Promise<string> => runPrograms([{ command: "gpg", args: ["--homedir", home, "--batch", "--quiet", "--armor", ...args] }], input);
  try {
    for (const name of encrypting) {
      await gpg(["--gen-key"], description(name, true));
      await write(join(directory, `${name}.key`), await gpg(["--export-secret-keys", `JLAM ${name}`]));
      await write(join(directory, `${name}.pub`), await gpg(["--export", `JLAM ${name}`]));
    }
    await gpg(["--gen-key"], description("signing", false));
    // The last one: its presence says that all are there.
    await write(join(directory, "signing.key"), await gpg(["--export-secret-keys", "JLAM signing"]));
  } finally {
    await runPrograms([{ command: "gpgconf", args: ["--homedir", home, "--kill", "all"] }]).catch(() => undefined);
    await rm(home, { recursive: true, force: true });
  }
}

/** For whoever only recognises what was signed: the public half, in a folder that holds nothing else. */
async function publishSigner(directory: string, folder: string): Promise<void> {
  const signatures = await openSignatures(join(directory, "signing.key"), new Date());
  try {
    await write(join(folder, "signer.pub"), await signatures.publicKey());
  } finally {
    await signatures.close();
  }
}

const [directory, folder] = process.argv.slice(2);
if (directory === undefined || folder === undefined) {
  process.stderr.write("Usage: node make-keys.js DIRECTORY PUBLIC\n");
  process.exitCode = 64;
} else {
  const there = await access(join(directory, "signing.key")).then(() => true, () => false);
  try {
    if (!there) await makeKeys(directory);
    await publishSigner(directory, folder);
  } catch (error) {
    process.stderr.write(`✖ No keys could be made in ${directory}: ${messageOf(error)}\n`);
    process.exitCode = 1;
  }
}

/** Makes keys for trying things out, once: `node make-keys.js DIRECTORY`. Real ones are made by people, off the machine. */
import { access, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf } from "./failure.ts";
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

async function makeKeys(directory: string): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), "making-"));
  const gpg = (args: readonly string[], input?: string): Promise<string> => runPrograms([{ command: "gpg", args: ["--homedir", home, "--batch", "--quiet", "--armor", ...args] }], input);
  /** Whole or not at all: a job that is killed here begins again. */
  const write = async (name: string, text: string): Promise<void> => {
    await writeFile(join(directory, `${name}.part`), text, { mode: 0o600 });
    await rename(join(directory, `${name}.part`), join(directory, name));
  };
  try {
    for (const name of encrypting) {
      await gpg(["--gen-key"], description(name, true));
      await write(`${name}.key`, await gpg(["--export-secret-keys", `JLAM ${name}`]));
      await write(`${name}.pub`, await gpg(["--export", `JLAM ${name}`]));
    }
    await gpg(["--gen-key"], description("signing", false));
    // The last one: its presence says that all are there.
    await write("signing.key", await gpg(["--export-secret-keys", "JLAM signing"]));
  } finally {
    await runPrograms([{ command: "gpgconf", args: ["--homedir", home, "--kill", "all"] }]).catch(() => undefined);
    await rm(home, { recursive: true, force: true });
  }
}

const [directory] = process.argv.slice(2);
if (directory === undefined) {
  process.stderr.write("Usage: node make-keys.js DIRECTORY\n");
  process.exitCode = 64;
} else {
  const there = await access(join(directory, "signing.key")).then(() => true, () => false);
  try {
    if (!there) await makeKeys(directory);
  } catch (error) {
    process.stderr.write(`✖ No keys could be made in ${directory}: ${messageOf(error)}\n`);
    process.exitCode = 1;
  }
}

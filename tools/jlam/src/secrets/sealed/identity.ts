/** The private key with which a person or a machine opens secrets: a file of theirs, outside the repository. */
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { PersonError } from "../../terminal/failure.ts";
import { privateFolder } from "../private-file.ts";

/** Names the file, never the key: what is in an environment shows in process lists and crash reports. */
export const identityVariable = "JLAM_AGE_IDENTITY_FILE";

const howToMake = "`jlam secrets recipients create` makes one; its recipient must then be in recipients.json.";

/** The file that is asked for, the one that the environment names, or the usual one. */
export const identityPath = (asked: string | undefined, environment: NodeJS.ProcessEnv = process.env): string =>
  resolve(asked ?? environment[identityVariable] ?? join(homedir(), ".config", "jlam", "age-identity"));

/** Whether there is an identity to open secrets with. */
export const hasIdentity = (asked: string | undefined): boolean => existsSync(identityPath(asked));

/**
 * The identities in the file, as `age-keygen` writes them: one a line, comments after #.
 *
 * @throws PersonError where there is no such file, others may read it, or it holds no identity
 */
export function readIdentities(asked: string | undefined): readonly string[] {
  const path = identityPath(asked);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) {
    throw new PersonError("There is no identity to open secrets with.", { where: path, fix: `Name its file with --identity or ${identityVariable}.\n${howToMake}` });
  }
  if ((stat.mode & 0o077) !== 0) {
    throw new PersonError("Others may read the identity.", { where: path, why: `Its mode is ${(stat.mode & 0o777).toString(8)}: whoever read it can open every secret.`, fix: `chmod 600 ${path}` });
  }
  const identities = readFileSync(path, "utf8").split("\n").map((line) => line.trim()).filter((line) => line.startsWith("AGE-SECRET-KEY-"));
  if (identities.length === 0) throw new PersonError("The file holds no age identity.", { where: path, fix: howToMake });
  return identities;
}

/**
 * Makes an identity in a new file of mode 0600 and returns its recipient.
 * @throws PersonError where something is there already: it may be the only key of somebody
 */
export async function createIdentity(path: string): Promise<string> {
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  if (!existsSync(dirname(path))) privateFolder(dirname(path));
  try {
    writeFileSync(path, `# public key: ${recipient}\n${identity}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") {
      throw new PersonError("There is a file already, and it may be somebody's only key.", { where: path, fix: "Choose another path, or move it away yourself." });
    }
    throw error;
  }
  return recipient;
}

import { SettingsError } from "./environment.ts";
import { readSecretFile } from "./secret-file.ts";

/** As long as the hash it keys (RFC 2104, section 3). */
const LEAST_LENGTH = 32;

/**
 * Reads the key of a keyed hash from the file that the setting `variable` names.
 *
 * @throws SettingsError when the file can't be read or holds fewer than 32 characters.
 */
export async function readKeyFile(variable: string, path: string): Promise<Buffer> {
  const key = Buffer.from(await readSecretFile(variable, path));
  if (key.length < LEAST_LENGTH) {
    throw new SettingsError(
      `✖ ${variable}: the key in ${path} has ${key.length} characters; it must have at least ${LEAST_LENGTH}.\n` +
        "  Fix: generate one, for example with: openssl rand -base64 32",
    );
  }
  return key;
}

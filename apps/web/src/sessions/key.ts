import { SettingsError } from "../settings/environment.ts";
import { readSecretFile } from "../settings/secret-file.ts";

/** As long as the hash it keys (RFC 2104, section 3). */
const LEAST_LENGTH = 32;

/**
 * Reads the key that guards session ids and form tokens. A new key ends every session.
 *
 * @throws SettingsError when the file can't be read or holds fewer than 32 characters.
 */
export async function readSessionKey(path: string): Promise<Buffer> {
  const key = Buffer.from(await readSecretFile("SESSION_KEY_FILE", path));
  if (key.length < LEAST_LENGTH) {
    throw new SettingsError(
      `✖ SESSION_KEY_FILE: the key in ${path} has ${key.length} characters; it must have at least ${LEAST_LENGTH}.\n` +
        "  Fix: generate one, for example with: openssl rand -base64 32",
    );
  }
  return key;
}

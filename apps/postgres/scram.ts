/** What PostgreSQL keeps to recognise a password, worked out before the password could reach it. */
import { createHash, createHmac, pbkdf2Sync } from "node:crypto";

/** PostgreSQL's own default (scram_iterations). */
const iterations = 4096;

/**
 * The SCRAM-SHA-256 verifier of a password (RFC 5803, section 3), which PostgreSQL takes in place of the password:
 * `SCRAM-SHA-256$<iterations>:<salt>$<stored key>:<server key>`. Nobody can log in with it.
 *
 * The salt comes from the password and the role, so that the same password always gives the same text and nothing needs
 * to remember a salt. That would help someone who guesses, so it is for generated passwords only, which can't be guessed.
 *
 * @throws RangeError when the password is shorter than 20 characters, or holds other than printable ASCII, which SASLprep
 *   (RFC 4013) might change before hashing
 */
export function scramVerifier(role: string, password: string): string {
  if (password.length < 20) {
    throw new RangeError(`The password of role ${role} has ${password.length} characters; 20 is the least. Let it be generated.`);
  }
  if (!/^[\x21-\x7e]+$/.test(password)) {
    throw new RangeError(`The password of role ${role} has a character that is not printable ASCII. Let it be generated.`);
  }
  const salt = hmac(password, `salt of ${role}`).subarray(0, 16);
  const saltedPassword = pbkdf2Sync(password, salt, iterations, 32, "sha256");
  const storedKey = createHash("sha256").update(hmac(saltedPassword, "Client Key")).digest("base64");
  const serverKey = hmac(saltedPassword, "Server Key").toString("base64");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${storedKey}:${serverKey}`;
}

function hmac(key: string | Buffer, message: string): Buffer {
  return createHmac("sha256", key).update(message).digest();
}

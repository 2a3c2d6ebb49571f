/** What looks like a secret in a text that everybody can read. */

/** A literal value under such a name is one, whatever it looks like. */
const secretName =
  /(^|[_.-])(PASSWORD|PASSWD|PASSPHRASE|PWD|SECRET|TOKEN|CREDENTIALS?|REQUIREPASS|MASTERAUTH|DSN|((API|ACCESS|AUTH|COOKIE|ENCRYPTION|HMAC|JWT|LICENSE|MASTER|PRIVATE|SECRET|SESSION|SIGNING)[_.-]?KEY))$/i;

/** Formats that only secrets have, with the name that people know them by. */
const formats: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["a private key (PEM)", /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ["an age key", /AGE-SECRET-KEY-(PQ-)?1[0-9A-Z]{20,}/],
  ["a Scaleway access key", /\bSCW[0-9A-Z]{17}\b/],
  ["an AWS access key", /\b(AKIA|ASIA)[0-9A-Z]{16}\b/],
  ["a GitHub token", /\b(gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{40,})/],
  ["a GitLab token", /\bglpat-[A-Za-z0-9_-]{20}/],
  ["a Slack token", /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/],
  ["a Stripe key", /\b[rs]k_live_[A-Za-z0-9]{16,}/],
  ["a signed token (JWT)", /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*/],
  ["a password hash", /\$(apr1|2[abxy]|5|6|y|argon2id?|pbkdf2-sha256)\$[^\s$][^\s]{7,}|\bSCRAM-SHA-256\$\d+:/],
  // It begins with what is rare: with the scheme's letters before it, each letter of a large file would be a beginning.
  ["a URL with a password", /:\/\/[^\s/:@"'`]*:[^\s/@"'`]+@/],
];

/** Whether a name promises a secret: `DB_PASSWORD` does, `DB_PASSWORD_FILE` doesn't. */
export const isSecretName = (name: string): boolean => secretName.test(name);

/** The format of a secret that a text holds, or undefined. */
export function secretFormat(text: string): string | undefined {
  return formats.find(([, pattern]) => pattern.test(text))?.[0];
}

/** Whether a value under a secret's name is the secret itself, and not a place, a switch or nothing. */
export const isLiteralSecret = (value: string): boolean => value !== "" && !/^((file:\/\/)?\/|\.{1,2}\/|true$|false$)/i.test(value);

/**
 * The part of a text that looks random, or undefined: what people and programs write has words in it.
 * Names of images, paths, addresses and content hashes (`sha256:…`) are left out.
 */
export function randomPart(text: string): string | undefined {
  const withoutHashes = text.replaceAll(/\bsha(1|256|384|512)[:-][A-Za-z0-9+/=]+/gi, "");
  return withoutHashes.split(/[^A-Za-z0-9+_=-]+/).find((token) => isRandomHex(token) || isRandomBase64(token));
}

/** 128 bits and more as hexadecimal digits; 40 are a git revision. */
const isRandomHex = (token: string): boolean => /^[0-9a-f]{32,}$/i.test(token) && token.length !== 40 && /[0-9]/.test(token) && /[a-f]/i.test(token) && entropy(token) > 2.8;

/**
 * At least 20 characters (120 bits) of three classes in quick succession. In random base64 two neighbours differ in
 * class two times of three, in camelCase names with numbers less than every second time; the limit lies between.
 */
function isRandomBase64(token: string): boolean {
  if (token.length < 20 || !/[0-9]/.test(token) || !/[A-Z]/.test(token) || !/[a-z]/.test(token)) return false;
  let changes = 0;
  for (let index = 1; index < token.length; index += 1) if (classOf(token[index]) !== classOf(token[index - 1])) changes += 1;
  return changes / (token.length - 1) > 0.5 && entropy(token) > 3.5;
}

const classOf = (character = ""): string => (/[0-9]/.test(character) ? "digit" : /[A-Z]/.test(character) ? "large" : /[a-z]/.test(character) ? "small" : "sign");

/** Shannon's entropy in bits for each character. */
function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

/** Whether a value is one that can't be guessed. */
import type { WantedSecret } from "./wanted.ts";

/**
 * Bits that a value must have by our estimate: a million tries a second take half a million years. What we generate has
 * 128 at least, of which the variety of 23 characters shows some 95.
 */
const leastBits = 64;

const placeholders = /^(change-?me|todo|placeholder|example|dummy|test|secret|password|wachtwoord|welkom)/i;

/** What is wrong with a value, in words that follow "it"; undefined where nothing is. Says nothing of the value but its length. */
export function weakness(value: string, { minLength }: Pick<WantedSecret, "minLength">): string | undefined {
  if (value.length < minLength) return `has ${value.length} characters, and ${minLength} is the least`;
  if (/^\s|\s$/.test(value) && !isPem(value)) return "begins or ends with a space or a line's end";
  // A certificate is public, and a private key is as strong as its kind.
  if (isPem(value)) return undefined;
  if (placeholders.test(value)) return "begins like a placeholder";
  const bits = estimatedBits(value);
  return bits < leastBits ? `could be guessed: by the variety of its characters it has ${Math.floor(bits)} bits, and ${leastBits} is the least` : undefined;
}

const isPem = (value: string): boolean => /^-----BEGIN [A-Z0-9 ]+-----\n[\s\S]+-----END [A-Z0-9 ]+-----\n?$/.test(value);

/** Shannon's entropy of its characters times its length: the upper bound for a text of these characters in any order. */
function estimatedBits(value: string): number {
  const counts = new Map<string, number>();
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1);
  let perCharacter = 0;
  for (const count of counts.values()) perCharacter -= (count / value.length) * Math.log2(count / value.length);
  return perCharacter * value.length;
}

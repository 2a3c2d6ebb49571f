import { createHash } from "node:crypto";

/** Signatures with the provider's private key. Not "none", and not HS256, whose key would be our own client secret. */
export const ALGORITHMS: readonly string[] = ["RS256", "ES256"];

/** How far the clocks of provider and application may be apart, in seconds. */
export const CLOCK_TOLERANCE = 10;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Stands for one person of one issuer. A UUID tells nothing about anybody and is kept as it is, because the account can
 * be erased at the provider only by it; from what stands for any other name the name can't be found again.
 */
export const pseudonym = (issuer: string, subject: string): string =>
  UUID.test(subject) ? subject : createHash("sha256").update(issuer).update("\0").update(subject).digest("hex");

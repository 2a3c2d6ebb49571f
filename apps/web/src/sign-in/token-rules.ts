import { createHash } from "node:crypto";

/** Signatures with the provider's private key. Not "none", and not HS256, whose key would be our own client secret. */
export const ALGORITHMS: readonly string[] = ["RS256", "ES256"];

/** How far the clocks of provider and application may be apart, in seconds. */
export const CLOCK_TOLERANCE = 10;

/** Stands for one person of one issuer; the provider's own name for them can't be found again from it. */
export const pseudonym = (issuer: string, subject: string): string =>
  createHash("sha256").update(issuer).update("\0").update(subject).digest("hex");

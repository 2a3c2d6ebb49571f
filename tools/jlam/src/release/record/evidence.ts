/** What was found out about a release after it was built: files beside it, each signed by whoever vouches for it. */
import { z } from "zod";
import { canonicalFile, hashOf } from "./canonical.ts";
import { releaseIdSchema, revisionSchema } from "./release.ts";

const found = {
  format: z.literal(1),
  outcome: z.enum(["passed", "failed"]),
  /** UTC. */
  at: z.iso.datetime(),
  /** Where the details are: a URL or a file; empty where there are none. */
  report: z.string(),
};

export const evidenceSchema = z.readonly(
  z.discriminatedUnion("kind", [
    /** `./jlam test` over a revision: what it counted. */
    z.object({ kind: z.literal("tests"), revision: revisionSchema, passed: z.int().nonnegative(), failed: z.int().nonnegative(), skipped: z.int().nonnegative(), ...found }),
    /** A scanner's look at the images of a release. */
    z.object({ kind: z.literal("scan"), release: releaseIdSchema, findings: z.int().nonnegative(), ...found }),
    /** A smoke run over an environment while the release served there; `failures` are the checks that failed. */
    z.object({ kind: z.literal("smoke"), release: releaseIdSchema, environment: z.string(), failures: z.readonly(z.array(z.string())), ...found }),
  ]),
);

export type Evidence = z.infer<typeof evidenceSchema>;

/** The evidence as a file, which is what its signature is over. */
export const evidenceFile = (evidence: Evidence): string => canonicalFile(evidence);

/** Name of its file: its hash, so that a second copy is the same file. */
export const evidenceName = (evidence: Evidence): string => hashOf(evidenceFile(evidence)).slice("sha256:".length, "sha256:".length + 32);

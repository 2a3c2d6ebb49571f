/** One line of an environment's journal: what was done to it, by whom, on what grounds, and how it ended. */
import { z } from "zod";
import { hashSchema } from "../record/canonical.ts";
import { releaseIdSchema, revisionSchema } from "../record/release.ts";

/** What was undertaken. `smoke` is the hourly look at what runs, `unlock` the taking away of a lock that nobody holds. */
const actions = ["deploy", "rollback", "smoke", "unlock"] as const;

/** The steps of the release machine, in order; the last two are its ways back. `smoke` is a step of its own too. */
export const steps = ["begin", "lock", "preflight", "upload", "pull", "set", "services", "migrate", "start", "healthy", "smoke", "switch", "confirm", "drain", "watch", "finish", "switch-back", "revert"] as const;
export type Step = (typeof steps)[number];

/** `began` is written before a step does anything, so that whoever comes after a crash knows what may be half done. */
export const outcomes = ["began", "done", "failed", "held"] as const;
export type Outcome = (typeof outcomes)[number];

/** What a step rests on: a number or words by name, such as `disk free bytes`, `p95 ms`, `requests`. */
const evidenceSchema = z.readonly(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])));

export const factsSchema = z.object({
  /** UTC, by the clock of the deployer. */
  at: z.iso.datetime(),
  environment: z.string(),
  /** One undertaking from `begin` to `finish` or `revert`, whoever ends it. */
  run: z.string().min(1),
  action: z.enum(actions),
  step: z.enum(steps),
  outcome: z.enum(outcomes),
  /** Mail address of whoever gave the command, or the name of the CI job. */
  who: z.string().min(1),
  /** Who approved it: as allowed_signers names them. Empty where nobody had to. */
  approvers: z.readonly(z.array(z.string())),
  release: releaseIdSchema,
  /** The release that ran before, and that a rollback returns to; null on an empty host. */
  previousRelease: releaseIdSchema.nullable(),
  revision: revisionSchema,
  /** When the release's revision was committed, UTC. */
  committedAt: z.iso.datetime(),
  /** Digest by `repository:tag`, as the release has them. */
  images: z.readonly(z.record(z.string(), hashSchema)),
  /** Hash of the plan that was carried out. */
  plan: hashSchema,
  /** Grows with every taking of the lock; a late writer with a lower one is refused. */
  fencing: z.int().nonnegative(),
  evidence: evidenceSchema,
  /** Why gates were passed without what they ask; null where nobody broke the glass. */
  brokenGlass: z.readonly(z.object({ reason: z.string().min(1), gates: z.readonly(z.array(z.string())) })).nullable(),
});

/** What whoever writes an entry knows; its place in the chain is added by `appendEntry`. */
export type EntryFacts = Readonly<z.infer<typeof factsSchema>>;

export const entrySchema = factsSchema.extend({
  /** Counts from 1 without gaps. */
  number: z.int().positive(),
  /** Hash of the entry before; that of the first is `beginning`. */
  previous: hashSchema,
  /** Hash of everything else in the entry. */
  hash: hashSchema,
});

export type JournalEntry = Readonly<z.infer<typeof entrySchema>>;

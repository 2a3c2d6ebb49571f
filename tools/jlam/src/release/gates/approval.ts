/** Whether enough people who wrote none of it approved this very release, by this very plan, for this environment. */
import { z } from "zod";
import { canonicalFile, hashOf, hashSchema, type Hash } from "../record/canonical.ts";
import { releaseIdSchema, shortId, type ReleaseId } from "../record/release.ts";
import type { Signature } from "../record/signature.ts";
import type { Refusal } from "./refusal.ts";

/** What an approver signs. */
export const approvalSchema = z.readonly(
  z.object({
    format: z.literal(1),
    environment: z.string(),
    release: releaseIdSchema,
    /** Hash of the plan that was shown to the approver. */
    plan: hashSchema,
    /** As allowed_signers names them. */
    approver: z.string().min(1),
    /** UTC. */
    at: z.iso.datetime(),
    expires: z.iso.datetime(),
  }),
);
export type Approval = z.infer<typeof approvalSchema>;

/** The approval as a file, which is what its signature is over. */
export const approvalFile = (approval: Approval): string => canonicalFile(approval);

/** Its id: 16 digits of the hash of its file. */
export const approvalId = (approval: Approval): string => hashOf(approvalFile(approval)).slice("sha256:".length, "sha256:".length + 16);

/** Longest that an approval may hold, in hours: after that what runs may be another, and so the plan. */
export const longestApprovalHours = 7 * 24;

/** Whoever approves may have a clock that is ahead of ours by as much, in milliseconds. */
const clockTolerance = 60_000;

/** An approval whose signature was checked. */
export interface CheckedApproval {
  readonly approval: Approval;
  readonly signature: Signature;
  /** Why it was taken back; undefined: it holds. */
  readonly revoked: string | undefined;
}

export interface ApprovalFacts {
  readonly environment: string;
  readonly release: ReleaseId;
  readonly plan: Hash;
  readonly approvals: readonly CheckedApproval[];
  /** Mail addresses of whoever wrote what the release brings. */
  readonly authors: readonly string[];
  /** How many must approve. */
  readonly needed: number;
  readonly now: Date;
}

/** Who approved, as far as it counts: different people, none of them an author. */
export const countedApprovers = (facts: ApprovalFacts): readonly string[] => [...new Set(facts.approvals.filter((each) => objection(each, facts) === undefined).map(({ approval }) => approval.approver.toLowerCase()))].sort();

/**
 * Refuses unless enough approvals count; says of each that doesn't what is wrong with it. Also asked again while a
 * deploy runs, so that an approval that is taken back stops it.
 */
export function approvalGate(facts: ApprovalFacts): readonly Refusal[] {
  const { environment, release, needed } = facts;
  const counted = countedApprovers(facts).length;
  if (counted >= needed) return [];
  const fix = `Somebody who wrote none of it approves it: \`jlam approve ${environment} ${shortId(release)}\`.`;
  const objections = facts.approvals.filter(({ approval }) => approval.environment === environment).flatMap((each): readonly Refusal[] => {
    const found = objection(each, facts);
    return found ? [{ gate: "approval", code: `approval-${found.code}`, message: `the approval ${approvalId(each.approval)} by ${each.approval.approver} doesn't count: ${found.message}`, fix }] : [];
  });
  if (objections.length > 0) return objections;
  return [{ gate: "approval", code: "approval-missing", message: `${counted} of ${needed} approvals are there for release ${shortId(release)}`, fix }];
}

interface Objection {
  readonly code: string;
  readonly message: string;
}

/** Why an approval doesn't count; undefined: it does. */
function objection({ approval, signature, revoked }: CheckedApproval, { environment, release, plan, authors, now }: ApprovalFacts): Objection | undefined {
  switch (signature.kind) {
    case "invalid":
      return { code: "forged", message: `its signature is wrong: ${signature.why}` };
    case "unknown-signer":
      return { code: "unknown-signer", message: "whoever signed it isn't in allowed_signers, or may not approve" };
    case "valid":
      if (!sameAddress(signature.principal, approval.approver)) return { code: "forged", message: `it was signed by ${signature.principal}` };
  }
  if (approval.environment !== environment) return { code: "other-environment", message: `it is for ${approval.environment}` };
  if (approval.release !== release) return { code: "other-release", message: `it is for release ${shortId(approval.release)}` };
  if (approval.plan !== plan) return { code: "other-plan", message: "it is for another plan; what would be done has changed since" };
  if (revoked !== undefined) return { code: "revoked", message: `it was taken back: ${revoked}` };
  const [at, expires] = [Date.parse(approval.at), Date.parse(approval.expires)];
  if (at > now.getTime() + clockTolerance) return { code: "from-the-future", message: `it was given on ${approval.at}, which is yet to come by this clock` };
  if (expires <= now.getTime()) return { code: "expired", message: `it expired on ${approval.expires}` };
  if (expires - at > longestApprovalHours * 3_600_000) return { code: "too-long", message: `it would hold for more than ${longestApprovalHours} hours` };
  if (authors.some((author) => sameAddress(author, approval.approver))) return { code: "own", message: "its approver wrote part of the release" };
  return undefined;
}

const sameAddress = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase();

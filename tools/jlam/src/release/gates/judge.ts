/** All gates before a deploy, and breaking the glass. Pure: whatever they look at was read before. */
import type { ReleaseRules } from "@jlam/compose-dsl";
import type { JournalEntry } from "../journal/entry.ts";
import type { ReadJournal } from "../journal/journal.ts";
import type { Plan } from "../plan/plan.ts";
import { shortId, type Release, type SchemaStep } from "../record/release.ts";
import { approvalGate, countedApprovers, type ApprovalFacts, type CheckedApproval } from "./approval.ts";
import { clockGate, type OtherClock } from "./clock.ts";
import { scanGate, testsGate, trusted, type CheckedEvidence } from "./evidence.ts";
import { freezeGate } from "./freeze.ts";
import { migrationsGate, rollbackSchemaGate } from "./migrations.ts";
import { gates, type GateName, type Refusal } from "./refusal.ts";
import type { Advance } from "./reached.ts";
import { soakGate } from "./soak.ts";
import { rollbackUpgradeGate } from "./upgrades.ts";

/** A journal as it was read, and whether the head that was kept of it is signed by somebody who may. */
export interface JudgedJournal extends ReadJournal {
  readonly environment: string;
  readonly headTrusted: boolean;
}

export interface GateFacts {
  readonly environment: string;
  readonly rules: ReleaseRules;
  readonly release: Release;
  readonly plan: Plan;
  readonly now: Date;
  /** Clocks of the hosts. The journals' newest entries are added. */
  readonly clocks: readonly OtherClock[];
  /** Of the environment itself. */
  readonly journal: JudgedJournal;
  /** Of the environment that must have seen it (`rules.seenIn`); undefined where none must. */
  readonly seen: JudgedJournal | undefined;
  readonly evidence: readonly CheckedEvidence[];
  readonly approvals: readonly CheckedApproval[];
  /** Mail addresses of whoever wrote what the release brings. */
  readonly authors: readonly string[];
  /** The release that runs now, and that a rollback would return to. */
  readonly running: Release | undefined;
}

export interface BrokenGlass {
  readonly reason: string;
}

/** How the gates decided. */
export interface Judgement {
  readonly passed: boolean;
  readonly refusals: readonly Refusal[];
  readonly approvers: readonly string[];
  /** For the journal: set where the glass was broken and a gate would have stayed closed. */
  readonly brokenGlass: { readonly reason: string; readonly gates: readonly GateName[] } | null;
}

/** What must be proved of a release itself, whenever it comes: everything but approvals and freezes. For `jlam promote`. */
export const judgePromotion = (facts: GateFacts): Judgement => judgement(proofs(facts), facts, undefined);

/**
 * Everything that must hold before a deploy begins. Breaking the glass passes closed gates and is told in the result,
 * which belongs in the journal; without a reason it passes nothing.
 */
export const judgeDeploy = (facts: GateFacts, glass?: BrokenGlass): Judgement =>
  judgement([...proofs(facts), ...approvalGate(approvalFacts(facts)), ...freezeGate(facts.rules, facts.now)], facts, glass);

/** What must still hold while it runs: approvals that weren't taken back and haven't expired. */
export const judgeWhileRunning = (facts: Pick<GateFacts, "environment" | "rules" | "release" | "plan" | "approvals" | "authors" | "now">): readonly Refusal[] => approvalGate(approvalFacts(facts));

export interface RollbackFacts {
  readonly target: Release;
  readonly journal: JudgedJournal;
  /** Contract steps that were applied in the environment, by application. */
  readonly applied: Readonly<Record<string, readonly SchemaStep[]>>;
  /** How far programs were brought there whose data goes forward only. */
  readonly advances: readonly Advance[];
  readonly now: Date;
  readonly clocks: readonly OtherClock[];
}

/**
 * A rollback needs no approval and no soak, because it returns to what ran here before; so it must be exactly that.
 * Breaking the glass passes what is wrong with the journal or the clock, and a release that never ran here never.
 */
export function judgeRollback({ target, journal, applied, advances, now, clocks }: RollbackFacts, glass?: BrokenGlass): Judgement {
  const ranHere = journal.entries.some((entry) => entry.release === target.id && hasServed(entry));
  const smuggled: readonly Refusal[] = ranHere
    ? []
    : [{ gate: "soak", code: "rollback-never-ran", message: `release ${shortId(target.id)} never finished a deploy to ${journal.environment}, so there is no way back to it`, fix: `Bring it there as any release: \`jlam deploy ${journal.environment} ${shortId(target.id)}\`.` }];
  const others = [...journalGate(journal, false), ...clockGate(now, [...clocks, ...newestOf(journal)]), ...rollbackSchemaGate(target, applied), ...rollbackUpgradeGate(journal.environment, target, advances)];
  const broken = opened(others, glass);
  return { passed: smuggled.length === 0 && (others.length === 0 || broken !== null), refusals: [...smuggled, ...others], approvers: [], brokenGlass: broken };
}

const hasServed = ({ step, outcome, action }: JournalEntry): boolean => step === "finish" && outcome === "done" && action !== "smoke";

function proofs({ rules, release, running, now, clocks, journal, seen, evidence }: GateFacts): readonly Refusal[] {
  return [
    ...journalGate(journal, rules.seenIn !== undefined),
    ...(seen ? journalGate(seen, true) : []),
    ...clockGate(now, [...clocks, ...newestOf(journal), ...(seen ? newestOf(seen) : [])]),
    ...(rules.seenIn === undefined ? [] : soakGate({ release: release.id, environment: rules.seenIn, entries: seen?.entries ?? [], evidence: trusted(evidence), soakMs: rules.soak.ms, now })),
    ...(rules.tests ? testsGate(release, evidence) : []),
    ...scanGate(release, evidence),
    ...migrationsGate(release, running),
  ];
}

/** Where every release may come, and for a way back, the chain must be whole; what proves something must be signed for as well. */
function journalGate({ environment, broken, headTrusted, entries }: JudgedJournal, mustBeSigned: boolean): readonly Refusal[] {
  if (broken) return [{ gate: "journal", code: "journal-broken", message: `the journal of ${environment} is broken at entry ${broken.entry}: ${broken.why}`, fix: `Find out who changed it before anything else: \`jlam history verify ${environment}\`.` }];
  if (!mustBeSigned || headTrusted || entries.length === 0) return [];
  return [{ gate: "journal", code: "journal-unsigned", message: `nobody who may write the journal of ${environment} signed its head`, fix: "Somebody wrote it by hand, or allowed_signers lacks the deployer's key for journal@jlam.nl." }];
}

const newestOf = ({ environment, entries }: JudgedJournal): readonly OtherClock[] => {
  const last = entries.at(-1);
  return last ? [{ of: `the newest entry of ${environment}'s journal`, at: new Date(last.at), kind: "past" }] : [];
};

const approvalFacts = ({ environment, rules, release, plan, approvals, authors, now }: Pick<GateFacts, "environment" | "rules" | "release" | "plan" | "approvals" | "authors" | "now">): ApprovalFacts => ({ environment, release: release.id, plan: plan.hash, approvals, authors, needed: rules.approvals, now });

function judgement(refusals: readonly Refusal[], facts: GateFacts, glass: BrokenGlass | undefined): Judgement {
  const ordered = refusals.toSorted((a, b) => gates.indexOf(a.gate) - gates.indexOf(b.gate));
  const brokenGlass = opened(ordered, glass);
  return { passed: ordered.length === 0 || brokenGlass !== null, refusals: ordered, approvers: countedApprovers(approvalFacts(facts)), brokenGlass };
}

/** Which gates breaking the glass opened; null where none was closed, or nobody gave a reason. */
function opened(refusals: readonly Refusal[], glass: BrokenGlass | undefined): Judgement["brokenGlass"] {
  if (refusals.length === 0 || glass === undefined || glass.reason.trim() === "") return null;
  return { reason: glass.reason.trim(), gates: [...new Set(refusals.map(({ gate }) => gate))] };
}

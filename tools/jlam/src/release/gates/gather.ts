/** Reads what the gates look at: from the release repository, git and the signatures over it. */
import type { ReleaseRules } from "@jlam/compose-dsl";
import { keptJournal, type KeptJournal } from "../journal/kept.ts";
import type { JournalEntry } from "../journal/entry.ts";
import type { Plan } from "../plan/plan.ts";
import { planDeploy } from "../plan/deploy.ts";
import { allEvidence, findRelease, releasedFiles, releasesNamed } from "../record/archive.ts";
import type { Evidence } from "../record/evidence.ts";
import type { Release, ReleaseId } from "../record/release.ts";
import type { Snapshot } from "../record/repository.ts";
import { namespaces, type Namespace } from "../record/signature.ts";
import { checkSignature, signersOf, type Signers } from "../record/signers.ts";
import { authorsBetween } from "../record/source.ts";
import { appliedContractSteps, releasesThatMigrated } from "./applied.ts";
import type { Approval } from "./approval.ts";
import type { OtherClock } from "./clock.ts";
import type { GateFacts, JudgedJournal } from "./judge.ts";
import { keptApprovals } from "./kept-approvals.ts";
import { advancesOf, reachedBy, releasesThatStarted } from "./reached.ts";

/** The release that serves after these entries; undefined where none ever did. */
export function servingRelease(entries: readonly JournalEntry[]): ReleaseId | undefined {
  return entries.findLast(({ step, outcome, action }) => step === "finish" && outcome === "done" && action !== "smoke")?.release;
}

export interface GatherInput {
  /** The source repository's clone. */
  readonly root: string;
  readonly from: Snapshot;
  readonly environment: string;
  readonly rules: ReleaseRules;
  readonly release: Release;
  readonly now: Date;
  /** Clocks of hosts that were asked; none for `promote` and `approve`. */
  readonly clocks?: readonly OtherClock[];
  /** The host's own journal, where it was read; else the kept one is looked at. */
  readonly journal?: JudgedJournal;
  /** Blockers of the plan that whoever deploys accepts. */
  readonly accept?: readonly string[];
}

/**
 * Everything that the gates of an environment look at, with the plan for the release.
 * @throws PersonError where the release repository or git can't be read, and where a release in it was changed
 */
export async function gatherFacts({ root, from, environment, rules, release, now, clocks = [], journal, accept = [] }: GatherInput): Promise<GateFacts> {
  const kept = await keptJournal(from, environment);
  const entries = journal?.entries ?? kept.entries;
  const serving = servingRelease(entries);
  const running = serving === undefined ? undefined : await findRelease(from, serving);
  const signers = await signersOf(root, environment, running?.revision);
  const check = (text: string, signature: string, namespace: Namespace) => checkSignature(text, signature, signers, { namespace, at: now });
  const [plan, seen, evidence, approvals, authors] = await Promise.all([
    planFor(from, { environment, running, release, accept, entries }),
    rules.seenIn === undefined ? undefined : keptJournal(from, rules.seenIn).then((other) => judged(other, signers, now)),
    allEvidence(from).then((all) => Promise.all(all.filter((each) => isAbout(each.evidence, release)).map(async (each) => ({ evidence: each.evidence, signature: await check(each.text, each.signature, namespaces.evidence) })))),
    keptApprovals(from).then((all) => Promise.all(all.filter(({ approval }) => mayCount(approval, environment, release, now)).map(async (each) => ({ approval: each.approval, revoked: each.revoked, signature: await check(each.text, each.signature, namespaces.approval) })))),
    rules.approvals > 0 ? authorsBetween(root, running?.revision, release.revision) : [],
  ]);
  return { environment, rules, release, plan, now, clocks, journal: journal ?? (await judged(kept, signers, now)), seen, evidence, approvals, authors, running };
}

const isAbout = (evidence: Evidence, { id, revision }: Release): boolean => (evidence.kind === "tests" ? evidence.revision === revision : evidence.release === id);

/** Those for another release are told as long as they hold: somebody may have meant this one. */
const mayCount = (approval: Approval, environment: string, { id }: Release, now: Date): boolean => approval.environment === environment && (approval.release === id || Date.parse(approval.expires) > now.getTime());

interface Coming {
  readonly environment: string;
  readonly running: Release | undefined;
  readonly release: Release;
  readonly accept: readonly string[];
  readonly entries: readonly JournalEntry[];
}

/** The plan by which an environment goes from what runs to a release; both with the files that they were built with. */
async function planFor(from: Snapshot, { environment, running, release, accept, entries }: Coming): Promise<Plan> {
  const withFiles = async (each: Release) => ({ release: each, files: await releasedFiles(from, each, environment) });
  const releases = await releasesNamed(from, [...releasesThatMigrated(entries), ...releasesThatStarted(entries)]);
  const [applied, reached] = [appliedContractSteps(entries, releases), reachedBy(advancesOf(environment, entries, releases))];
  return planDeploy({ environment, from: running && (await withFiles(running)), to: await withFiles(release), accept, applied, reached });
}

/** A kept journal with the word of its signer. */
async function judged(kept: KeptJournal, signers: Signers, at: Date): Promise<JudgedJournal> {
  const signature = kept.head ? await checkSignature(kept.headText, kept.signature, signers, { namespace: namespaces.journal, at }) : undefined;
  return { environment: kept.environment, entries: kept.entries, broken: kept.broken, headTrusted: signature?.kind === "valid" };
}

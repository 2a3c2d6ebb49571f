/**
 * Attempts to bring a release to production that staging hasn't proved, or that nobody else approved: with a real
 * repository, real signatures and the journals as files. Each is the right thing with one part of it wrong.
 */
import { readFileSync } from "node:fs";
import { gated, ungated } from "@jlam/compose-dsl";
import { describe, expect, test } from "vitest";
import type { EntryFacts } from "../journal/entry.ts";
import { appendEntry, headFile, headOf } from "../journal/journal.ts";
import { keepJournal } from "../journal/kept.ts";
import { keepEvidence, keepRelease, findRelease, releasedFiles } from "../record/archive.ts";
import { hashOf } from "../record/canonical.ts";
import { addCommit, gitAs, key, source, type Key } from "../record/clone.fixture.ts";
import { evidenceFile, type Evidence } from "../record/evidence.ts";
import type { Release } from "../record/release.ts";
import { addFiles, fileAt, openRepository, snapshot, type ReleaseRepository } from "../record/repository.ts";
import { namespaces, sign } from "../record/signature.ts";
import { signersPath } from "../record/signers.ts";
import { ago, entryFacts, now, sampleFiles, sampleJournal, sampleRelease } from "../sample.fixture.ts";
import { approvalFile, type Approval } from "./approval.ts";
import { gatherFacts, type GatherInput } from "./gather.ts";
import { judgeDeploy, judgePromotion, judgeRollback, judgeWhileRunning, type Judgement } from "./judge.ts";
import { keepApproval, revokeApproval } from "./kept-approvals.ts";

const rules = gated({ seenIn: "staging", soak: "2h" });

interface Platform {
  readonly root: string;
  readonly repository: ReleaseRepository;
  readonly release: Release;
  readonly approver: Key;
  readonly author: Key;
  readonly ci: Key;
}

/** What of the right way is different in an attempt; `undefined` in place of a part leaves it out. */
interface Attempt {
  readonly staging?: readonly Partial<EntryFacts>[];
  readonly tests?: Partial<Extract<Evidence, { kind: "tests" }>> | undefined;
  readonly testsSignedBy?: keyof Pick<Platform, "approver" | "author" | "ci">;
  readonly approval?: Partial<Approval> | undefined;
  readonly approvalSignedBy?: keyof Pick<Platform, "approver" | "author" | "ci">;
  readonly journalSignedBy?: keyof Pick<Platform, "approver" | "author" | "ci">;
}

/** A platform on which release 1 runs in production and release 2 took every step of the right way, but for the attempt. */
async function platform(attempt: Attempt = {}): Promise<Platform> {
  const [approver, author, ci] = [key(), key(), key()];
  const signers = approver.allowed("anna@example.nl", namespaces.approval) + author.allowed("bram@example.nl", namespaces.approval) + ci.allowed("ci@example.nl", namespaces.evidence, namespaces.journal);
  const root = source([{ by: "anna@example.nl", files: { [signersPath("production")]: signers } }]);
  const before = sampleRelease(1, { revision: gitAs("x@example.nl", root, "rev-parse", "HEAD").trim() });
  const release = sampleRelease(2, { revision: addCommit(root, { by: "bram@example.nl", files: { "web.txt": "new" } }) });
  const repository = await openRepository(root, "");
  for (const each of [before, release]) await keepRelease(repository, each, new Map([["staging", sampleFiles], ["production", sampleFiles]]));
  const keys = { approver, author, ci };
  const journalKey = keys[attempt.journalSignedBy ?? "ci"];
  const signHead = async (text: string): Promise<string> => await sign(text, journalKey.path, namespaces.journal);
  const staging = attempt.staging ?? [{}];
  if (staging.length > 0) await keepJournal(repository, "staging", sampleJournal("staging", staging.map((changes) => entryFacts(release, { at: ago(180), ...changes }))).text, signHead);
  await keepJournal(repository, "production", sampleJournal("production", [entryFacts(before, { at: ago(10_000) })]).text, async (text) => await sign(text, ci.path, namespaces.journal));
  if (!("tests" in attempt) || attempt.tests) {
    const evidence: Evidence = { format: 1, kind: "tests", revision: release.revision, passed: 100, failed: 0, skipped: 0, outcome: "passed", at: ago(200), report: "", ...attempt.tests };
    await keepEvidence(repository, evidence, await sign(evidenceFile(evidence), keys[attempt.testsSignedBy ?? "ci"].path, namespaces.evidence));
  }
  const made: Platform = { root, repository, release, ...keys };
  if (!("approval" in attempt) || attempt.approval) await approve(made, attempt.approval ?? {}, keys[attempt.approvalSignedBy ?? "approver"]);
  return made;
}

async function approve(made: Platform, changes: Partial<Approval>, by: Key): Promise<string> {
  const { plan } = await facts(made);
  const approval: Approval = { format: 1, environment: "production", release: made.release.id, plan: plan.hash, approver: "anna@example.nl", at: ago(10), expires: ago(-60), ...changes };
  return await keepApproval(made.repository, approval, await sign(approvalFile(approval), by.path, namespaces.approval));
}

const facts = async ({ root, repository, release }: Platform, changes: Partial<GatherInput> = {}) =>
  await gatherFacts({ root, from: await snapshot(repository), environment: "production", rules, release, now, clocks: [{ of: "the host", at: now, kind: "now" }], ...changes });

const judge = async (made: Platform, changes: Partial<GatherInput> = {}): Promise<Judgement> => judgeDeploy(await facts(made, changes));
const codes = ({ refusals }: Judgement): readonly string[] => refusals.map(({ code }) => code);

describe("the right way", { timeout: 60_000 }, () => {
  test("leads to production, with its approver by name", async () => {
    expect(await judge(await platform())).toEqual({ passed: true, refusals: [], approvers: ["anna@example.nl"], brokenGlass: null });
  });

  test("needs no approval to be promoted, and one to be deployed", async () => {
    const all = await facts(await platform({ approval: undefined }));
    expect(judgePromotion(all).passed).toBe(true);
    expect(codes(judgeDeploy(all))).toEqual(["approval-missing"]);
  });
});

describe("an attempt", { timeout: 60_000 }, () => {
  test("1: a release that staging never saw", async () => {
    expect(codes(await judge(await platform({ staging: [] })))).toEqual(["soak-not-seen"]);
  });

  test("2: a release file that was edited after staging saw it", async () => {
    const { repository, release } = await platform();
    const path = `releases/${release.id}/release.json`;
    const text = (await fileAt(await snapshot(repository), path)) ?? "";
    const [digest = ""] = Object.values(release.images);
    await addFiles(repository, "attempt", async () => [{ path, text: text.replace(digest, hashOf("evil")), replaces: true }]);
    await expect(findRelease(await snapshot(repository), release.id)).rejects.toThrow("somebody changed it");
  });

  test("3: another digest in a release of its own, which is another release", async () => {
    const made = await platform();
    const other = sampleRelease(2, { revision: made.release.revision, images: { "registry.example/web:release": hashOf("evil") } });
    await keepRelease(made.repository, other, new Map([["staging", sampleFiles], ["production", sampleFiles]]));
    expect(codes(await judge({ ...made, release: other }))).toEqual(["soak-not-seen", "approval-other-release"]);
  });

  test("4: a generated file that was edited in the release repository", async () => {
    const { repository, release } = await platform();
    await addFiles(repository, "attempt", async () => [{ path: `releases/${release.id}/files/production/compose.yaml`, text: "name: evil\n", replaces: true }]);
    await expect(releasedFiles(await snapshot(repository), release, "production")).rejects.toThrow("aren't those that it was built with");
  });

  test("5: the approval of another release", async () => {
    expect(codes(await judge(await platform({ approval: { release: sampleRelease(1).id } })))).toEqual(["approval-other-release"]);
  });

  test("6: the approval of another plan", async () => {
    expect(codes(await judge(await platform({ approval: { plan: hashOf("another plan") } })))).toEqual(["approval-other-plan"]);
  });

  test("7: the author's own approval", async () => {
    expect(codes(await judge(await platform({ approval: { approver: "bram@example.nl" }, approvalSignedBy: "author" })))).toEqual(["approval-own"]);
  });

  test("8: an approval that the author signed in somebody else's name", async () => {
    expect(codes(await judge(await platform({ approvalSignedBy: "author" })))).toEqual(["approval-forged"]);
  });

  test("9: an approval that has expired", async () => {
    expect(codes(await judge(await platform({ approval: { expires: ago(1) } })))).toEqual(["approval-expired"]);
  });

  test("10: an approval that was taken back, before the deploy or while it runs", async () => {
    const made = await platform({ approval: undefined });
    const id = await approve(made, {}, made.approver);
    expect(judgeWhileRunning(await facts(made))).toEqual([]);
    await revokeApproval(made.repository, id.slice(0, 8), { by: "anna@example.nl", at: ago(1), reason: "the sign-in is broken" });
    expect(codes(await judge(made))).toEqual(["approval-revoked"]);
    expect(judgeWhileRunning(await facts(made))).toMatchObject([{ code: "approval-revoked", message: expect.stringContaining("the sign-in is broken") }]);
  });

  test("11: an approval by a key that nobody allowed, and by one that may sign for something else only", async () => {
    const made = await platform({ approval: undefined });
    await approve(made, {}, key());
    expect(codes(await judge(made))).toEqual(["approval-unknown-signer"]);
    expect(codes(await judge(await platform({ approval: { approver: "ci@example.nl" }, approvalSignedBy: "ci" })))).toEqual(["approval-unknown-signer"]);
  });

  test("12: an approval by a key that only the release itself allows", async () => {
    const made = await platform({ approval: undefined });
    const own = key();
    const signers = readFileSync(`${made.root}/${signersPath("production")}`, "utf8") + own.allowed("eve@example.nl", namespaces.approval);
    const revision = addCommit(made.root, { by: "bram@example.nl", files: { [signersPath("production")]: signers } });
    const release = sampleRelease(3, { revision });
    await keepRelease(made.repository, release, new Map([["staging", sampleFiles], ["production", sampleFiles]]));
    await approve({ ...made, release }, { approver: "eve@example.nl" }, own);
    expect(codes(await judge({ ...made, release }))).toContain("approval-unknown-signer");
  });

  test("13: an approval by a key that main no longer has, from a clone that has an older commit checked out", async () => {
    const made = await platform();
    const old = gitAs("x@example.nl", made.root, "rev-parse", "HEAD").trim();
    const without = readFileSync(`${made.root}/${signersPath("production")}`, "utf8").split("\n").filter((line) => !line.startsWith("anna@")).join("\n");
    const main = addCommit(made.root, { by: "bram@example.nl", files: { [signersPath("production")]: without } });
    gitAs("x@example.nl", made.root, "update-ref", "refs/remotes/origin/main", main);
    gitAs("x@example.nl", made.root, "checkout", "--quiet", old);
    expect(codes(await judge(made))).toEqual(["approval-unknown-signer"]);
  });

  test("14: a clock that was put back, so that an expired approval holds and nothing has happened yet", async () => {
    const made = await platform({ approval: { expires: ago(1), at: ago(200) } });
    expect(codes(await judge(made, { now: new Date(ago(190)) }))).toContain("clock-wrong");
  });

  test("15: a clock that was put forward, so that the soak is over", async () => {
    const made = await platform({ staging: [{ at: ago(30) }] });
    expect(codes(await judge(made, { now: new Date(ago(-100)), clocks: [{ of: "the host", at: now, kind: "now" }] }))).toContain("clock-wrong");
  });

  test("16: staging's journal without the entry of a failure, cut off at its end", async () => {
    const made = await platform({ staging: [{}, { at: ago(170), step: "watch", outcome: "failed" }, { at: ago(169), step: "switch-back", release: sampleRelease(1).id }] });
    const text = (await fileAt(await snapshot(made.repository), "journals/staging/journal.jsonl")) ?? "";
    await addFiles(made.repository, "attempt", async () => [{ path: "journals/staging/journal.jsonl", text: text.slice(0, text.indexOf("\n") + 1), replaces: true }]);
    expect(codes(await judge(made))).toContain("journal-broken");
  });

  test("17: a journal of staging that was written by hand, with a head that fits", async () => {
    const made = await platform({ staging: [] });
    const forged = sampleJournal("staging", [entryFacts(made.release, { at: ago(300) })]);
    const head = headFile(headOf("staging", forged.entries));
    const signature = await sign(head, made.author.path, namespaces.journal);
    await addFiles(made.repository, "attempt", async () => [{ path: "journals/staging/journal.jsonl", text: forged.text }, { path: "journals/staging/head.json", text: head }, { path: "journals/staging/head.json.sig", text: signature }]);
    expect(codes(await judge(made))).toEqual(["journal-unsigned"]);
  });

  test("18: entries that were added behind the signed head", async () => {
    const made = await platform({ staging: [{ release: sampleRelease(1).id }] });
    const text = (await fileAt(await snapshot(made.repository), "journals/staging/journal.jsonl")) ?? "";
    const { entries } = sampleJournal("staging", [entryFacts(made.release, { at: ago(180), release: sampleRelease(1).id })]);
    const more = appendEntry(headOf("staging", entries), entryFacts(made.release, { at: ago(170) }));
    await addFiles(made.repository, "attempt", async () => [{ path: "journals/staging/journal.jsonl", text: text + more.line, replaces: true }]);
    expect(codes(await judge(made))).toEqual(["journal-broken", "soak-not-seen"]);
  });

  test("19: a release that failed in staging", async () => {
    expect(codes(await judge(await platform({ staging: [{ step: "watch", outcome: "failed" }, { step: "switch-back" }] })))).toEqual(["soak-failed"]);
  });

  test("20: a soak that is a minute too short", async () => {
    expect(codes(await judge(await platform({ staging: [{ at: ago(119) }] })))).toEqual(["soak-too-short"]);
  });

  test("21: a release in a freeze", async () => {
    const friday = new Date("2026-11-27T15:00:00Z");
    const made = await platform({ approval: { at: "2026-11-27T14:00:00.000Z", expires: "2026-11-27T18:00:00.000Z" } });
    expect(codes(await judge(made, { now: friday, clocks: [] }))).toEqual(["freeze"]);
  });

  test("22: the tests of another revision, tests that failed, and tests that anybody signed for", async () => {
    expect(codes(await judge(await platform({ tests: { revision: "a".repeat(40) } })))).toEqual(["tests-missing"]);
    expect(codes(await judge(await platform({ tests: { failed: 1, outcome: "failed" } })))).toEqual(["tests-failed"]);
    expect(codes(await judge(await platform({ testsSignedBy: "author" })))).toEqual(["tests-unsigned"]);
    expect(codes(await judge(await platform({ tests: undefined })))).toEqual(["tests-missing"]);
  });

  test("23: a rollback to a release that never ran in production", async () => {
    const made = await platform();
    const { journal } = await facts(made);
    const rollback = (target: Release) => judgeRollback({ target, journal, applied: {}, advances: [], now, clocks: [] }, { reason: "let me" });
    expect(rollback(made.release)).toMatchObject({ passed: false, refusals: [{ code: "rollback-never-ran" }] });
    const [first] = journal.entries;
    expect(rollback(await findRelease(await snapshot(made.repository), first?.release ?? ""))).toMatchObject({ passed: true, brokenGlass: null });
  });

  test("24: a release whose schema takes away what a rollback would need", async () => {
    const made = await platform();
    const all = await facts(made);
    const schema = (phases: readonly ("expand" | "contract")[]) => ({ web: { job: "web-migrate", database: "postgres-app", steps: phases.map((phase, index) => ({ number: index + 1, name: `step ${index + 1}`, phase })) } });
    const running = sampleRelease(1, { schemas: schema(["expand"]) });
    const release = sampleRelease(2, { schemas: schema(["expand", "contract", "expand"]) });
    expect(codes(judgeDeploy({ ...all, running, release: { ...all.release, schemas: release.schemas } }))).toEqual(["migration-blocked"]);
  });
});

test("an environment that takes every release asks for a whole journal, and not for who signed it", async () => {
  const all = await facts(await platform({ journalSignedBy: "author" }), { environment: "staging", rules: ungated });
  expect(all.journal).toMatchObject({ environment: "staging", headTrusted: false });
  expect(judgeDeploy(all).refusals).toEqual([]);
  expect(codes(judgeDeploy({ ...all, journal: { ...all.journal, broken: { entry: 1, why: "it was changed" } } }))).toEqual(["journal-broken"]);
}, 60_000);

describe("breaking the glass", { timeout: 60_000 }, () => {
  test("passes closed gates and says which, for the record", async () => {
    const all = await facts(await platform({ staging: [], approval: undefined }));
    expect(judgeDeploy(all, { reason: " the site is down " })).toMatchObject({ passed: true, brokenGlass: { reason: "the site is down", gates: ["soak", "approval"] } });
  });

  test("without a reason passes nothing", async () => {
    const all = await facts(await platform({ staging: [] }));
    expect(judgeDeploy(all, { reason: "  " })).toMatchObject({ passed: false, brokenGlass: null });
  });

  test("leaves no record where no gate was closed", async () => {
    expect(judgeDeploy(await facts(await platform()), { reason: "just in case" })).toMatchObject({ passed: true, brokenGlass: null });
  });
});

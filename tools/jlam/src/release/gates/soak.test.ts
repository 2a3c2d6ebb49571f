import { describe, expect, test } from "vitest";
import type { EntryFacts } from "../journal/entry.ts";
import type { Evidence } from "../record/evidence.ts";
import { ago, entryFacts, now, sampleJournal, sampleRelease } from "../sample.fixture.ts";
import { inWords, soakGate } from "./soak.ts";

const release = sampleRelease(1);
const other = sampleRelease(2);
const hours = 3_600_000;

/** The codes of what the gate says, for a journal of staging. */
const codes = (entries: readonly EntryFacts[], evidence: readonly Evidence[] = [], soakMs = 2 * hours): readonly string[] =>
  soakGate({ release: release.id, environment: "staging", entries: sampleJournal("staging", entries).entries, evidence, soakMs, now }).map(({ code }) => code);

const served = (minutes: number, changes: Partial<EntryFacts> = {}): EntryFacts => entryFacts(release, { at: ago(minutes), ...changes });
const smoke = (minutes: number, outcome: "passed" | "failed"): Evidence => ({ format: 1, kind: "smoke", environment: "staging", release: release.id, failures: [], outcome, at: ago(minutes), report: "" });

describe("the soak gate", () => {
  test("opens to what served for the soak time, to the millisecond", () => {
    expect(codes([served(120)])).toEqual([]);
    expect(codes([served(119.9)])).toEqual(["soak-too-short"]);
  });

  test("stays closed to what was never there", () => {
    expect(codes([])).toEqual(["soak-not-seen"]);
    expect(codes([entryFacts(other)])).toEqual(["soak-not-seen"]);
  });

  test("stays closed to what began there and never finished", () => {
    expect(codes([served(300, { step: "watch", outcome: "began" })])).toEqual(["soak-failed"]);
  });

  test("stays closed to what was rolled back, however long it had served, until it serves again", () => {
    const rolledBack = [served(900), entryFacts(other, { at: ago(200), action: "rollback", step: "switch" }), entryFacts(other, { at: ago(199), action: "rollback" })];
    expect(codes(rolledBack)).toEqual(["soak-failed"]);
    expect(codes([...rolledBack, served(130)])).toEqual([]);
  });

  test("stays closed to what failed there", () => {
    expect(codes([served(300, { step: "healthy", outcome: "failed" }), served(299, { step: "revert", outcome: "done" })])).toEqual(["soak-failed"]);
  });

  test("doesn't count the time after another release took over", () => {
    expect(codes([served(180), entryFacts(other, { at: ago(100) })])).toEqual(["soak-too-short"]);
    expect(codes([served(300), entryFacts(other, { at: ago(100) })])).toEqual([]);
  });

  test("doesn't add up two short stays", () => {
    expect(codes([served(200), entryFacts(other, { at: ago(130) }), served(80)])).toEqual(["soak-too-short"]);
  });

  test("counts anew from a failed smoke run on, signed evidence or the journal's own", () => {
    expect(codes([served(300)], [smoke(60, "failed")])).toEqual(["soak-too-short"]);
    expect(codes([served(300)], [smoke(200, "failed")])).toEqual([]);
    expect(codes([served(300)], [smoke(60, "passed")])).toEqual([]);
    expect(codes([served(300), served(60, { action: "smoke", step: "smoke", outcome: "failed" })])).toEqual(["soak-too-short"]);
  });

  test("isn't moved by a failure that was before, or of another release", () => {
    expect(codes([served(150)], [smoke(160, "failed")])).toEqual([]);
    expect(codes([served(150)], [{ ...smoke(60, "failed"), release: other.id } as Evidence])).toEqual([]);
  });

  test("says how long it takes still", () => {
    const [refusal] = soakGate({ release: release.id, environment: "staging", entries: sampleJournal("staging", [served(90)]).entries, evidence: [], soakMs: 2 * hours, now });
    expect(refusal?.message).toContain("healthy in staging for 1 h 30 min, not for 2 h");
    expect(refusal?.fix).toBe("Wait 30 min, until 2026-11-24T14:30:00.000Z.");
  });

  test("says that it must go there again where another runs now", () => {
    const entries = sampleJournal("staging", [served(90), entryFacts(other, { at: ago(30) })]).entries;
    expect(soakGate({ release: release.id, environment: "staging", entries, evidence: [], soakMs: 2 * hours, now })[0]?.fix).toContain("deploy this one to staging again");
  });
});

test.each([[0, "0 s"], [59_499, "59 s"], [60_000, "1 min"], [3_600_000, "1 h"], [5_400_000, "1 h 30 min"]])("%d ms is %s", (milliseconds, words) => {
  expect(inWords(milliseconds)).toBe(words);
});

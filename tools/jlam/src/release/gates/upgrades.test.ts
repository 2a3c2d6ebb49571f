import { describe, expect, test } from "vitest";
import type { EntryFacts } from "../journal/entry.ts";
import { releaseOf } from "../platform.fixture.ts";
import type { Release } from "../record/release.ts";
import { entryFacts, now, sampleJournal } from "../sample.fixture.ts";
import { judgeRollback } from "./judge.ts";
import { advancesOf, reachedBy, releasesThatStarted } from "./reached.ts";
import { rollbackUpgradeGate } from "./upgrades.ts";

const releaseAt = (people: string): Release => releaseOf({ engine: true, people }).release;
const [spring, springPatched, summer] = [releaseAt("2026.5.7"), releaseAt("2026.5.8"), releaseAt("2026.8.6")];
const winter = releaseAt("2026.2.1");
const releases = new Map([winter, spring, springPatched, summer].map((release) => [release.id, release]));

/** The entries of an undertaking that a journal's reader asks about. */
const entries = (release: Release, { action = "deploy", set, services = "done" }: { readonly action?: "deploy" | "rollback"; readonly set?: string; readonly services?: "began" | "done" } = {}): readonly EntryFacts[] => {
  const run = `${action} ${release.id} ${set ?? ""}`;
  const noted = (step: EntryFacts["step"], outcome: EntryFacts["outcome"], evidence: EntryFacts["evidence"] = {}) => entryFacts(release, { environment: "production", run, action, step, outcome, evidence });
  return [
    ...(set === undefined ? [] : [noted("set", "began"), noted("set", "done", { set })]),
    noted("services", "began"),
    ...(services === "done" ? [noted("services", "done"), noted("finish", "done")] : []),
  ];
};
const advances = (...all: readonly (readonly EntryFacts[])[]) => advancesOf("production", sampleJournal("production", all.flat()).entries, releases);

describe("how far data was brought", () => {
  test("follows from the journal, with the set that was made before each step", () => {
    expect(advances(entries(spring), entries(summer, { set: "S" }))).toEqual([
      { service: "people", program: "People", version: "2026.5.7", database: "app", set: undefined },
      { service: "people", program: "People", version: "2026.8.6", database: "app", set: "S" },
    ]);
  });

  test("counts a deploy that broke off after its services began: it may have got that far", () => {
    expect(reachedBy(advances(entries(spring), entries(summer, { services: "began" })))).toEqual({ people: "2026.8.6" });
  });

  test("isn't changed by a patch, nor by a release that nobody has any more", () => {
    expect(advances(entries(spring), entries(springPatched))).toHaveLength(1);
    expect(advances(entries(releaseOf({ people: "2026.8.6" }).release))).toEqual([]);
  });

  test("is further back again once an older version was started to its end, by whatever command", () => {
    const there = [entries(spring), entries(summer, { set: "S" })];
    expect(reachedBy(advances(...there, entries(spring, { action: "rollback" })))).toEqual({ people: "2026.5.7" });
    expect(reachedBy(advances(...there, entries(springPatched)))).toEqual({ people: "2026.5.7" });
    expect(reachedBy(advances(...there, entries(spring, { action: "rollback", services: "began" })))).toEqual({ people: "2026.8.6" });
  });

  test("needs only the releases whose services began", () => {
    expect([...releasesThatStarted(entries(spring, { set: "S" }))]).toEqual([spring.id]);
    expect([...releasesThatStarted([entryFacts(spring, { step: "pull" })])]).toEqual([]);
  });
});

describe("a rollback over an upgrade that goes forward only", () => {
  test("is refused, and names the set that was made before it and the command that brings it back", () => {
    const [refusal] = rollbackUpgradeGate("production", spring, advances(entries(spring), entries(summer, { set: "S" })));
    expect(refusal).toMatchObject({ gate: "migrations", code: "rollback-upgrade", message: expect.stringContaining("People went on to 2026.8.6, and release") });
    expect(refusal?.fix).toContain("`jlam restore S --environment production --database app`");
  });

  test("names the set before the first of several such steps", () => {
    const [refusal, ...others] = rollbackUpgradeGate("production", winter, advances(entries(winter), entries(spring, { set: "S1" }), entries(summer, { set: "S2" })));
    expect(refusal?.fix).toContain("jlam restore S1 ");
    expect(refusal?.message).toContain("went on to 2026.8.6");
    expect(others).toEqual([]);
  });

  test("says so where no set was made", () => {
    expect(rollbackUpgradeGate("production", spring, advances(entries(spring), entries(summer)))[0]?.fix).toContain("No recovery set was made before it");
  });

  test("isn't in the way of one that changes a patch, or nothing of it", () => {
    expect(rollbackUpgradeGate("production", spring, advances(entries(spring), entries(springPatched)))).toEqual([]);
    expect(rollbackUpgradeGate("production", summer, advances(entries(spring), entries(summer)))).toEqual([]);
  });

  test("passes with a reason, which is for the journal", () => {
    const journal = { environment: "production", headTrusted: true, broken: undefined, entries: sampleJournal("production", [...entries(spring), ...entries(summer, { set: "S" })]).entries };
    const facts = { target: spring, journal, applied: {}, advances: advances(entries(spring), entries(summer, { set: "S" })), now, clocks: [] };
    expect(judgeRollback(facts)).toMatchObject({ passed: false, refusals: [{ code: "rollback-upgrade" }] });
    expect(judgeRollback(facts, { reason: "the set is being restored" })).toMatchObject({ passed: true, brokenGlass: { gates: ["migrations"] } });
  });
});

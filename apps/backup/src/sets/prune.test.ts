import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unlessAlone } from "./prune-run.ts";
import { decidePrune } from "./prune.ts";
import type { SetRecord } from "./records.ts";

const day = 86_400_000;
const now = new Date("2026-11-22T03:00:00Z");
const keepSeconds = (30 * day) / 1000;

/** A set of so many days ago whose lock lasts 30 days. */
function setOf(daysAgo: number, verified: boolean, writings = 1): SetRecord {
  const startedAt = new Date(now.getTime() - daysAgo * day).toISOString();
  const id = startedAt.replaceAll(/[:.]/g, "-");
  return { id, marker: verified ? { id, verifiedAt: startedAt, seconds: 1, manifestSha256: "" } : undefined, writings };
}
const decide = (...sets: readonly SetRecord[]) => decidePrune(sets, now, keepSeconds);
const removed = (...sets: readonly SetRecord[]): number => decide(...sets).remove.length;

describe("prune", () => {
  test("removes sets whose lock is over", () => {
    expect(decide(setOf(0, true), setOf(29, true), setOf(31, true), setOf(32, false)).remove).toEqual([setOf(32, false).id, setOf(31, true).id]);
  });

  test("removes nothing while the newest set is unverified", () => {
    expect(removed(setOf(0, false), setOf(31, true), setOf(32, true))).toBe(0);
  });

  test("removes nothing while the newest set's manifest was written over", () => {
    expect(decide(setOf(0, true, 2), setOf(31, true))).toMatchObject({ remove: [], because: expect.stringContaining("written 2 times") });
  });

  test("removes nothing while the newest name isn't one of ours", () => {
    expect(removed({ id: "z", marker: undefined, writings: 1 }, setOf(1, true), setOf(31, true))).toBe(0);
  });

  test("removes nothing by a clock that is behind the newest set", () => {
    expect(decide(setOf(-1, true), setOf(31, true))).toMatchObject({ remove: [], because: expect.stringContaining("the clock says") });
  });

  test("keeps the only verified set, however old it is", () => {
    expect(removed(setOf(400, true))).toBe(0);
  });

  test("whatever the sets are, keeps the newest verified one and every locked one", () => {
    const anySets = fc.array(fc.tuple(fc.integer({ min: 0, max: 100 }), fc.boolean()), { maxLength: 12 }).map((drawn) =>
      [...new Map(drawn).entries()].sort(([a], [b]) => a - b).map(([daysAgo, verified]) => ({ daysAgo, set: setOf(daysAgo, verified) })));
    fc.assert(
      fc.property(anySets, (drawn) => {
        const sets = drawn.map(({ set }) => set);
        const gone = new Set(decide(...sets).remove);
        const newestVerified = sets.find(({ marker }) => marker !== undefined);
        if (newestVerified) expect(gone.has(newestVerified.id)).toBe(false);
        for (const { daysAgo, set } of drawn) if (daysAgo < 30) expect(gone.has(set.id)).toBe(false);
      }),
    );
  });
});

describe("the first region is pruned", () => {
  const sets = [setOf(0, true), setOf(31, true)];
  const decision = decide(...sets);

  test("where the second holds the newest set as verified", () => {
    expect(unlessAlone(decision, sets, [setOf(0, true)])).toBe(decision);
  });

  test.each([["lacks it", []], ["holds it unverified", [setOf(0, false)]], ["holds older ones alone", [setOf(31, true)]]])("not where the second %s", (_, copies) => {
    expect(unlessAlone(decision, sets, copies)).toMatchObject({ remove: [], because: expect.stringContaining(sets[0]?.id ?? "-") });
  });
});

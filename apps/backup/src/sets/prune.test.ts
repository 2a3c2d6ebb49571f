import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ListedSet } from "./list.ts";
import { decidePrune } from "./prune.ts";

const day = 86_400_000;
const now = new Date("2026-11-22T03:00:00Z");

/** A set of so many days ago whose lock lasts 30 days. */
function setOf(daysAgo: number, verified: boolean): ListedSet {
  const startedAt = new Date(now.getTime() - daysAgo * day).toISOString();
  const lockedUntil = new Date(now.getTime() + (30 - daysAgo) * day).toISOString();
  const id = startedAt.replaceAll(/[:.]/g, "-");
  return {
    kind: "set",
    id,
    manifest: {
      version: 1, id, environment: "test", startedAt, finishedAt: startedAt, window: { from: startedAt, to: startedAt }, lockedUntil,
      revision: "0".repeat(40), recipients: ["A", "B"], signer: "C", databases: [], objects: [],
    },
    marker: verified ? { id, verifiedAt: startedAt, seconds: 1, manifestSha256: "" } : undefined,
  };
}
const removed = (...sets: readonly ListedSet[]): number => decidePrune(sets, now).remove.length;

describe("prune", () => {
  test("removes sets whose lock is over", () => {
    expect(decidePrune([setOf(0, true), setOf(29, true), setOf(31, true), setOf(32, false)], now).remove).toEqual([setOf(32, false).id, setOf(31, true).id]);
  });

  test("removes nothing while the newest set is unverified", () => {
    expect(removed(setOf(0, false), setOf(31, true), setOf(32, true))).toBe(0);
  });

  test("removes nothing while the newest set can't be used", () => {
    expect(removed({ kind: "unusable", id: "x", why: "forged" }, setOf(1, true), setOf(31, true))).toBe(0);
  });

  test("removes nothing by a clock that is behind the newest set", () => {
    expect(decidePrune([setOf(-1, true), setOf(31, true)], now)).toMatchObject({ remove: [], because: expect.stringContaining("the clock says") });
  });

  test("keeps the only verified set, however old it is", () => {
    expect(removed(setOf(400, true))).toBe(0);
  });

  test("whatever the sets are, keeps the newest verified one and every locked one", () => {
    const anySets = fc.array(fc.tuple(fc.integer({ min: 0, max: 100 }), fc.boolean()), { maxLength: 12 }).map((drawn) =>
      [...new Map(drawn).entries()].sort(([a], [b]) => a - b).map(([daysAgo, verified]) => setOf(daysAgo, verified)));
    fc.assert(
      fc.property(anySets, (sets) => {
        const gone = new Set(decidePrune(sets, now).remove);
        const newestVerified = sets.find((set) => set.kind === "set" && set.marker !== undefined);
        if (newestVerified) expect(gone.has(newestVerified.id)).toBe(false);
        for (const set of sets) if (set.kind === "set" && new Date(set.manifest.lockedUntil) > now) expect(gone.has(set.id)).toBe(false);
      }),
    );
  });
});

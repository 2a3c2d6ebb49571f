import { describe, expect, test } from "vitest";
import { dueBase } from "./base.ts";
import { withoutGap } from "./path.ts";
import { decideArchivePrune } from "./prune.ts";
import type { BaseRecord } from "./records.ts";
import { coveredUntil } from "./send-segments.ts";

const day = 86_400_000;
const now = new Date("2026-12-31T00:00:00Z");
const segment = (number: number): string => `0000000100000000000000${number.toString(16).toUpperCase().padStart(2, "0")}`;
/** A base that was begun so many days ago, at the beginning of a segment. */
const base = (daysAgo: number, number: number, prior: string | null = null): BaseRecord => {
  const at = new Date(now.getTime() - daysAgo * day).toISOString();
  return { version: 1, database: "postgres-app", system: "1", id: `base-${String(100 - daysAgo).padStart(3, "0")}`, prior, major: 17, timeline: 1, startLsn: `0/${number.toString(16)}000000`, endLsn: `0/${number.toString(16)}000100`, startedAt: at, finishedAt: at, lockedUntil: at, object: { key: "k", bytes: 1, sha256: "0".repeat(64) } };
};

describe("what of an archive may go", () => {
  // Whole ones after 40 and 25 days, changes to the second after 24, and a whole one of today.
  const bases = [base(40, 1), base(25, 3), base(24, 5, "base-075"), base(0, 9)];
  const segments = [1, 2, 3, 4, 5, 6, 9].map(segment);
  const decide = (verified: readonly string[], keepDays = 22) => decideArchivePrune(bases, segments, new Set(verified), now, (keepDays * day) / 1000);

  test("is everything before the whole base from which every kept instant can be reached", () => {
    expect(decide(["base-100"])).toEqual({ bases: ["base-060"], segments: [segment(1), segment(2)], because: undefined });
  });

  test("is nothing that the last verified base needs, however old it is", () => {
    expect(decide(["base-060"])).toEqual({ bases: [], segments: [], because: undefined });
    expect(decide(["base-076"], 0)).toEqual({ bases: ["base-060"], segments: [segment(1), segment(2)], because: undefined });
  });

  test("is nothing while no base was verified, nor before anything is old enough, nor by a clock that was put back", () => {
    expect(decide([]).because).toContain("no server was ever brought up");
    expect(decide(["base-100"], 50).because).toContain("nothing is older");
    expect(decideArchivePrune(bases, segments, new Set(["base-100"]), new Date("2026-12-01T00:00:00Z"), day / 1000).because).toContain("the clock says");
  });
});

test("a gap ends the segments that can be used, and what lies behind it is named", () => {
  expect(withoutGap([2, 3, 5].map(segment), segment(2))).toEqual({ run: [segment(2), segment(3)], missing: segment(4), behind: segment(5) });
  expect(withoutGap([2, 3].map(segment), segment(2))).toEqual({ run: [segment(2), segment(3)], missing: segment(4), behind: undefined });
});

test("a base is due every six hours, a whole one every week and where none is known", () => {
  const last = (hoursAgo: number, wholeDaysAgo: number) => ({ id: "b", bytes: 1, startedAt: new Date(now.getTime() - hoursAgo * 3_600_000).toISOString(), wholeStartedAt: new Date(now.getTime() - wholeDaysAgo * day).toISOString() });
  expect([dueBase(undefined, now), dueBase(last(5, 1), now), dueBase(last(6, 1), now), dueBase(last(6, 7), now)]).toEqual(["whole", undefined, "changes", "whole"]);
});

test("a segment covers the last moment at which the server's changes ended in it", () => {
  const probes = [10n, 20n, 30n].map((position, index) => ({ at: new Date(index * 60_000), position }));
  expect([coveredUntil(5n, probes), coveredUntil(25n, probes)]).toEqual([null, new Date(59_000)]);
});

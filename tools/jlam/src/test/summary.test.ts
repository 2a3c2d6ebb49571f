import { describe, expect, test } from "vitest";
import type { PhaseResult } from "./phase.ts";
import { passedOnce } from "./phase.ts";
import { closingLine, phaseTable, summaryLines, totalOf } from "./summary.ts";

const integration: PhaseResult = {
  phase: "integration",
  passed: 10,
  failed: 1,
  skipped: 2,
  milliseconds: 83_000,
  failures: ["a.test.ts: it works: it doesn't"],
  skips: [
    { test: "b.test.ts: Grafana > draws", reason: "no image" },
    { test: "b.test.ts: Grafana > asks", reason: "no image" },
  ],
  waivers: [
    { subject: "proxy: non-root", reason: "the socket is root's" },
    { subject: "proxy: non-root", reason: "the socket is root's" },
  ],
  notes: ["12 edges connect"],
};

describe("the total", () => {
  test("is the sum over all phases, each static phase counting as one", () => {
    expect(totalOf([passedOnce("types", 1), integration], false)).toEqual({ passed: 11, failed: 1, skipped: 2 });
  });

  test("counts a skip as a failure where everything is required", () => {
    expect(totalOf([integration], true)).toEqual({ passed: 10, failed: 3, skipped: 0 });
  });

  test("closes with the plain counts", () => {
    expect(closingLine({ passed: 11, failed: 0, skipped: 2 })).toBe("11 passed, 0 failed, 2 skipped");
  });
});

test("the table has a row for every phase, with what it took", () => {
  expect(phaseTable([passedOnce("types", 4_200), integration]).rows).toEqual([
    ["types", "1", "0", "0", "4.2 s"],
    ["integration", "10", "1", "2", "83 s"],
  ]);
});

test("waivers are told once each, skips of one file by their reason, failures one by one", () => {
  expect(summaryLines([integration], false)).toEqual([
    "Waivers:",
    "  proxy: non-root: the socket is root's",
    "",
    "Notes:",
    "  integration: 12 edges connect",
    "",
    "Skipped:",
    "  b.test.ts: no image (2 tests)",
    "",
    "Failed:",
    "  a.test.ts: it works: it doesn't",
    "",
  ]);
});

test("skips that are forbidden are told as such", () => {
  expect(summaryLines([integration], true).join("\n")).toContain("Skipped, which JLAM_REQUIRE_ALL=1 forbids:");
});

import type { Origin } from "@jlam/compose-dsl";
import { describe, expect, test } from "vitest";
import { watchedPlatform } from "../platform.fixture.ts";
import { aspects, coverageFindings, coverageOf, coverageTable } from "./coverage.ts";

const watched = watchedPlatform();
const at: Origin = { file: "apps/mail/stack.ts", line: 7, column: 1 };

describe("coverage", () => {
  test("has a row for every service, job and resource elsewhere, without an empty cell", () => {
    expect(coverageOf(watched).map(({ name }) => name)).toEqual(watched.parts.map(({ name }) => name));
    expect(coverageFindings(watched)).toEqual([]);
    expect(coverageOf(watched).length).toBeGreaterThan(10);
  });

  test("a resource that nobody asks about is an error that names it, where it was declared", () => {
    const blind = { ...watched, parts: [...watched.parts, { name: "mail-forgotten", owner: "", kind: "outside" as const, routed: false, memoryLimit: undefined, at }] };
    expect(coverageFindings(blind).map((finding) => [finding.subject, finding.severity, finding.at])).toEqual([
      ["mail-forgotten liveness", "error", at],
      ["mail-forgotten errors", "error", at],
      ["mail-forgotten owner", "error", at],
    ]);
  });

  test("as a table it has a column for each aspect, and the reasons of cells that can't be filled", () => {
    const table = coverageTable(coverageOf(watched));
    expect(table.split("\n")[0]).toBe(`| service | ${aspects.join(" | ")} |`);
    expect(table).toContain("- mail-outgoing, logs: its provider keeps its log");
    expect(table).not.toContain("MISSING");
  });
});

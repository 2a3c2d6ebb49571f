import { originOf } from "@jlam/compose-dsl";
import { describe, expect, test } from "vitest";
import { watchedPlatform } from "../platform.fixture.ts";
import { aspects, coverageFindings, coverageOf, coverageTable } from "./coverage.ts";

const watched = watchedPlatform();
const at = originOf(watchedPlatform);

describe("coverage", () => {
  test("has a row for every service, job and resource elsewhere, without an empty cell", () => {
    expect(coverageOf(watched).map(({ name }) => name)).toEqual(watched.parts.map(({ name }) => name));
    expect(coverageFindings(watched, at)).toEqual([]);
    expect(coverageOf(watched).length).toBeGreaterThan(10);
  });

  test("a resource that nobody asks about is an error that names it", () => {
    const blind = { ...watched, parts: [...watched.parts, { name: "mail-forgotten", owner: "", kind: "outside" as const, routed: false, memoryLimit: undefined }] };
    expect(coverageFindings(blind, at).map(({ subject, severity }) => [subject, severity])).toEqual([
      ["mail-forgotten liveness", "error"],
      ["mail-forgotten errors", "error"],
      ["mail-forgotten owner", "error"],
    ]);
  });

  test("as a table it has a column for each aspect, and the reasons of cells that can't be filled", () => {
    const table = coverageTable(coverageOf(watched));
    expect(table.split("\n")[0]).toBe(`| service | ${aspects.join(" | ")} |`);
    expect(table).toContain("- mail-outgoing, logs: its provider keeps its log");
    expect(table).not.toContain("MISSING");
  });
});

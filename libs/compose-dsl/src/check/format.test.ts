import { describe, expect, it } from "vitest";
import type { Diagnostic } from "./diagnostic.ts";
import { formatDiagnostic, placeOf } from "./format.ts";

const diagnostic: Diagnostic = {
  rule: "health-check",
  severity: "error",
  subject: "production web",
  message: '"web" has no health check',
  why: "nobody can wait for it",
  fix: "declare `health`",
  at: { file: "file:///repo/apps/web%20site/stack.ts", line: 49, column: 7 },
};

describe("formatDiagnostic", () => {
  it("says what is wrong, where, why and how to mend it", () => {
    expect(formatDiagnostic(diagnostic, { colour: false, root: "/repo" })).toBe(
      [
        '✖ production web: "web" has no health check (health-check)',
        "  → at apps/web site/stack.ts:49",
        "  why: nobody can wait for it",
        "  fix: declare `health`",
      ].join("\n"),
    );
  });

  it("marks a warning by another sign", () => {
    expect(formatDiagnostic({ ...diagnostic, severity: "warning" }, { colour: false, root: "/repo" })).toMatch(/^⚠ /);
  });

  it("leaves the place out where none is known", () => {
    expect(formatDiagnostic({ ...diagnostic, at: undefined }, { colour: false, root: "/repo" })).not.toContain("→");
  });

  it("uses terminal colours only when asked", () => {
    const escape = String.fromCodePoint(27);
    expect(formatDiagnostic(diagnostic, { colour: true, root: "/repo" })).toContain(`${escape}[31m✖`);
    expect(formatDiagnostic(diagnostic, { colour: false, root: "/repo" })).not.toContain(escape);
  });
});

describe("placeOf", () => {
  it("tells a place outside the root by its whole path", () => {
    expect(placeOf({ file: "/elsewhere/stack.ts", line: 3, column: 1 }, "/repo")).toBe("/elsewhere/stack.ts:3");
  });

  it("isn't misled by a folder whose name only begins like the root", () => {
    expect(placeOf({ file: "/repository/stack.ts", line: 3, column: 1 }, "/repo")).toBe("/repository/stack.ts:3");
  });
});

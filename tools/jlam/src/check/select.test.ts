import type { Diagnostic } from "@jlam/compose-dsl";
import { describe, expect, test } from "vitest";
import { loadEnvironment, repositoryRoot } from "../synth/platform.ts";
import { counted, reportLines } from "./report.ts";
import { merged, ofStack, sorted } from "./select.ts";

const finding = (changes: Partial<Diagnostic>): Diagnostic => ({
  rule: "port-clash",
  severity: "error",
  subject: "production web",
  message: "two programs want port 80",
  why: "only one gets it",
  fix: "give one another",
  at: { file: `${repositoryRoot}/apps/web/stack.ts`, line: 9, column: 1 },
  ...changes,
});

describe("findings", () => {
  test("errors come before warnings, then by place", () => {
    const [later, warning, earlier] = [finding({}), finding({ severity: "warning" }), finding({ at: { file: `${repositoryRoot}/apps/web/stack.ts`, line: 8, column: 1 } })];
    expect(sorted([warning, later, earlier])).toEqual([earlier, later, warning]);
  });

  test("the same one in several environments is told once, with all their names", () => {
    const both = merged([finding({ subject: "local web", message: "local is full" }), finding({ message: "production is full" })], ["local", "production"]);
    expect(both.map(({ subject }) => subject)).toEqual(["local, production web"]);
  });

  test("different ones stay apart", () => {
    expect(merged([finding({}), finding({ subject: "local mail" })], ["local", "production"])).toHaveLength(2);
  });

  test("of one stack are those about its services, and those in its folder", async () => {
    const about = ofStack("web", [await loadEnvironment("production")]);
    const elsewhere = { file: `${repositoryRoot}/environments/production/environment.ts`, line: 1, column: 1 };
    expect(about(finding({ subject: "production web-migrate", at: elsewhere }))).toBe(true);
    expect(about(finding({ subject: "TS2322" }))).toBe(true);
    expect(about(finding({ subject: "production traefik", at: elsewhere }))).toBe(false);
  });

  test("a stack that no environment has is refused, with the nearest", async () => {
    const production = await loadEnvironment("production");
    expect(() => ofStack("monitorin", [production])).toThrow('There is no stack "monitorin".');
  });
});

describe("the report", () => {
  const report = (findings: readonly Diagnostic[]): string => reportLines({ environments: ["production"], types: true, findings, ...counted(findings) }, { colour: false, root: repositoryRoot }).join("\n");

  test("is one line where nothing was found", () => {
    expect(report([])).toBe("✔ types and rules hold in production");
  });

  test("tells a finding with its place, its reason and how to mend it, and counts", () => {
    expect(report([finding({}), finding({ severity: "warning" })])).toMatchInlineSnapshot(`
      "✖ production web: two programs want port 80 (port-clash)
        → at apps/web/stack.ts:9
        why: only one gets it
        fix: give one another

      ⚠ production web: two programs want port 80 (port-clash)
        → at apps/web/stack.ts:9
        why: only one gets it
        fix: give one another

      1 error, 1 warning in production"
    `);
  });

  test("leaves the compiler's sentence as it is", () => {
    expect(report([finding({ rule: "types", subject: "TS2322", message: "Type 'string' is not assignable" })])).toContain("✖ Type 'string' is not assignable (TS2322)\n  → at apps/web/stack.ts:9\n\n1 error");
  });
});

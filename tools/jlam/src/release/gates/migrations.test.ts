import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SchemaContract, SchemaStep } from "../record/release.ts";
import { sampleRelease } from "../sample.fixture.ts";
import { migrationMode, migrationsGate, rollbackSchemaGate, stepsHeldBack, stepsToExpand } from "./migrations.ts";

const phases = { e: "expand", c: "contract" } as const;

/** `"eec"`: two expand steps and a contract step. */
const schema = (steps: string): SchemaContract => ({ job: "web-migrate", database: "postgres-app", steps: [...steps].map((letter, index): SchemaStep => ({ number: index + 1, name: `step-${index + 1}`, phase: letter === "c" ? phases.c : phases.e })) });
const release = (number: number, steps: string) => sampleRelease(number, { schemas: { web: schema(steps) } });
const codes = (to: string, from: string): readonly string[] => migrationsGate(release(2, to), release(1, from)).map(({ code }) => code);

describe("a deploy", () => {
  test("applies new expand steps up to the first contract step", () => {
    expect(stepsToExpand(schema("eeece"), schema("ee")).map(({ number }) => number)).toEqual([3]);
  });

  test("holds a contract step back while the release before it doesn't know it, and applies it one release later", () => {
    expect(migrationMode(schema("eec"), schema("ee"))).toBe("expand-only");
    expect(stepsHeldBack(schema("eec"), schema("ee")).map(({ name }) => name)).toEqual(["step-3"]);
    expect(migrationMode(schema("eece"), schema("eec"))).toBe("all");
  });

  test("applies everything on an empty host", () => {
    expect(migrationMode(schema("eec"), undefined)).toBe("all");
  });

  test("is refused where an expand step comes behind a contract step that must wait", () => {
    expect(codes("eece", "ee")).toEqual(["migration-blocked"]);
    expect(codes("eece", "eec")).toEqual([]);
    expect(codes("eec", "ee")).toEqual([]);
  });

  test("is refused where a step that was applied is another now", () => {
    expect(codes("ec", "ee")).toContain("migration-changed");
  });

  test("of a release that brings fewer steps is no fault of its own: what it ignores stays", () => {
    expect(codes("e", "ee")).toEqual([]);
  });

  test("with nothing before it is never refused", () => {
    expect(migrationsGate(release(1, "ecece"), undefined)).toEqual([]);
  });
});

describe("a rollback", () => {
  test("is refused to a release that doesn't know a contract step which was applied", () => {
    expect(rollbackSchemaGate(release(1, "ee"), { web: schema("eec").steps }).map(({ code }) => code)).toEqual(["rollback-schema"]);
    expect(rollbackSchemaGate(release(1, "eec"), { web: schema("eec").steps })).toEqual([]);
    expect(rollbackSchemaGate(release(1, "ee"), { web: schema("eee").steps })).toEqual([]);
  });

  test("after any sequence of deploys that passed the gate finds a schema that it can live with", () => {
    const histories = fc.array(fc.constantFrom("", "e", "c", "ee", "ec", "cc"), { minLength: 1, maxLength: 6 });
    fc.assert(fc.property(histories, (brought) => {
      let running = release(1, "e");
      let applied: readonly SchemaStep[] = schema("e").steps;
      for (const [index, more] of brought.entries()) {
        const next = release(index + 2, `${(running.schemas["web"]?.steps ?? []).map(({ phase }) => phase.charAt(0)).join("")}${more}`);
        if (migrationsGate(next, running).length > 0) return;
        const [to, from] = [next.schemas["web"] ?? schema(""), running.schemas["web"]];
        const fresh = migrationMode(to, from) === "all" ? to.steps : [...applied, ...stepsToExpand(to, from).filter(({ number }) => !applied.some((step) => step.number === number))];
        applied = fresh;
        expect(rollbackSchemaGate(running, { web: applied })).toEqual([]);
        running = next;
      }
    }));
  });
});

import { describe, expect, test } from "vitest";
import { sampleRelease } from "../sample.fixture.ts";
import type { Release } from "../record/release.ts";
import { appliedContractSteps } from "./applied.ts";
import { rollbackSchemaGate } from "./migrations.ts";

/** Step 2 takes away what the first release needs: it waits in the second, and is applied by the third. */
const withSteps = (number: number, phases: readonly ("expand" | "contract")[]): Release =>
  sampleRelease(number, { schemas: { web: { job: "web-migrate", database: "postgres-app", steps: phases.map((phase, index) => ({ number: index + 1, name: `step ${index + 1}`, phase })) } } });
const [first, second, third] = [withSteps(1, ["expand"]), withSteps(2, ["expand", "contract"]), withSteps(3, ["expand", "contract"])];
const releases = new Map([first, second, third].map((release) => [release.id, release]));
const migrated = (release: Release, before: Release | undefined) => ({ step: "migrate" as const, release: release.id, previousRelease: before?.id ?? null });

describe("appliedContractSteps", () => {
  test("a step that waited wasn't applied, so that a rollback finds what it needs", () => {
    const applied = appliedContractSteps([migrated(first, undefined), migrated(second, first)], releases);
    expect(applied).toEqual({ web: [] });
    expect(rollbackSchemaGate(first, applied)).toEqual([]);
  });

  test("a step that was applied keeps from what needs the old shape, and not from what knows it", () => {
    const applied = appliedContractSteps([migrated(first, undefined), migrated(second, first), migrated(third, second)], releases);
    expect(applied["web"]).toMatchObject([{ number: 2 }]);
    expect(rollbackSchemaGate(second, applied)).toEqual([]);
    expect(rollbackSchemaGate(first, applied)).toMatchObject([{ code: "rollback-schema" }]);
  });

  test("the same release that is deployed again applies what waited", () => {
    expect(appliedContractSteps([migrated(second, first), migrated(second, second)], releases)["web"]).toMatchObject([{ number: 2 }]);
  });

  test("of a release that nobody has any more nothing is known", () => {
    expect(appliedContractSteps([migrated(sampleRelease(9), first)], releases)).toEqual({});
  });
});

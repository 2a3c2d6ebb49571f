import { describe, expect, test } from "vitest";
import { releaseOf, steps } from "../platform.fixture.ts";
import { planDeploy } from "./deploy.ts";
import { isSealed } from "./plan.ts";
import { planRollback } from "./rollback.ts";

const older = releaseOf();

describe("the plan of a rollback", () => {
  test("switches what differs, and runs no job: schemas only go forward", () => {
    const newer = releaseOf({}, { version: "2", schema: steps(3) });
    const plan = planRollback("production", newer, older);
    expect(plan.actions.map(({ kind, subject }) => `${kind} ${subject}`)).toEqual(["blue-green web"]);
    expect(plan).toMatchObject({ from: newer.release.id, to: older.release.id, risk: "low" });
    expect(isSealed(plan)).toBe(true);
  });

  test("isn't blocked by what the way there had accepted, and tells it", () => {
    const newer = releaseOf({ storeResources: { memory: "128M", cpus: 0.5 } });
    const [blocker] = planDeploy({ environment: "production", from: newer, to: older }).blockers;
    expect(blocker).toMatchObject({ code: "stateful-recreate", subject: "redis-sessions" });
    expect(planRollback("production", newer, older)).toMatchObject({ blockers: [], accepted: [blocker] });
  });

  test("makes no set, and stays blocked where data only went forward", () => {
    const [before, now] = [releaseOf({ engine: true, people: "2026.5.8" }), releaseOf({ engine: true, people: "2026.8.6" })];
    const plan = planRollback("production", now, before);
    expect(plan.actions.map(({ kind }) => kind)).toEqual(["recreate"]);
    expect(plan).toMatchObject({ blockers: [{ code: "backward-release", subject: "people" }], accepted: [] });
  });
});

import { describe, expect, test } from "vitest";
import { platform, releaseOf, steps, type Facts } from "../platform.fixture.ts";
import { sealRelease, type ReleasedEnvironment } from "../record/release.ts";
import { planDeploy, type PlanInput, type ReleaseWithFiles } from "./deploy.ts";
import type { Plan, PlannedAction } from "./plan.ts";
import { planInWords } from "./words.ts";

type Version = Parameters<typeof releaseOf>[1];

/** The plan from a platform with a backup engine to another one. */
const planOf = (before: Facts, after: Facts, options: Partial<PlanInput> & { readonly version?: Version } = {}): Plan => {
  const { version, ...input } = options;
  return planDeploy({ environment: "production", from: releaseOf({ engine: true, ...before }), to: releaseOf({ engine: true, ...after }, version), ...input });
};
const servicesOf = ({ release }: ReleaseWithFiles): ReleasedEnvironment["services"] => release.environments["production"]?.services ?? {};
const action = (plan: Plan, subject: string): PlannedAction | undefined => plan.actions.find((each) => each.subject === subject);
const setOf = (plan: Plan): readonly string[] | undefined => plan.actions.find(({ kind }) => kind === "set")?.because;
const blocked = (plan: Plan): readonly string[] => plan.blockers.map(({ code, subject }) => `${code}:${subject}`);

describe("PostgreSQL", () => {
  test("of another minor version is made anew in place, after a set", () => {
    const plan = planOf({ postgres: "17.6" }, {}, { accept: ["stateful-recreate:postgres-app"] });
    expect(action(plan, "postgres-app")?.because).toContain("PostgreSQL 17.6 → 17.7, in place");
    expect(setOf(plan)).toEqual(["postgres-app is stopped and made anew, and keeps data in database", "PostgreSQL 17.6 → 17.7, in place"]);
    expect(plan.blockers).toEqual([]);
  });

  test("goes back to an earlier minor version in place, too", () => {
    expect(blocked(planOf({}, { postgres: "17.6" }))).toEqual(["stateful-recreate:postgres-app"]);
  });

  test("of another major on the same data is blocked, whatever is accepted, since it wouldn't start", () => {
    const plan = planOf({}, { postgres: "18.1" }, { accept: ["stateful-recreate:postgres-app", "major-upgrade:postgres-app"] });
    expect(plan.blockers).toMatchObject([{ code: "major-upgrade", message: "postgres-app would not start: PostgreSQL 17.7 → 18.1, which can't read what is in database", fix: expect.stringContaining("docs/upgrading.md") }]);
  });

  test("of another major on a volume of its own is told to be empty, and leaves the old data where it is", () => {
    const plan = planOf({}, { postgres: "18.1", databaseVolume: "database-18" });
    expect(action(plan, "postgres-app")?.because).toContain("PostgreSQL 17.7 → 18.1, on a new volume: empty until its data is restored from a set");
    expect(setOf(plan)).toEqual(["postgres-app is stopped and made anew, and keeps data in database"]);
    expect(blocked(plan)).toEqual(["stateful-recreate:postgres-app", "lost-data:volume-database", "lost-data:postgres-app"]);
  });
});

describe("a program that goes forward only", () => {
  test("goes to the next release after a set, and the plan says that there is no way back", () => {
    const plan = planOf({ people: "2026.5.8" }, { people: "2026.8.6" });
    expect(plan.blockers).toEqual([]);
    expect(action(plan, "people")?.because).toContain("People 2026.5.8 → 2026.8.6, forward only: it changes its data for good");
    expect(setOf(plan)).toEqual(["People 2026.5.8 → 2026.8.6, forward only: it changes its data for good"]);
  });

  test("may change within its release in both directions", () => {
    for (const [before, after] of [["2026.5.7", "2026.5.8"], ["2026.5.8", "2026.5.7"]] as const) {
      const plan = planOf({ people: before }, { people: after });
      expect(plan.blockers).toEqual([]);
      expect(setOf(plan)).toEqual([`People ${before} → ${after}, in place`]);
    }
  });

  test("may not leave out a release, whatever is accepted", () => {
    const plan = planOf({ people: "2026.2.1" }, { people: "2026.8.6" }, { accept: ["skipped-release:people"] });
    expect(plan.blockers).toMatchObject([{ code: "skipped-release", message: "people would go from People 2026.2.1 to 2026.8.6 and leave out 2026.5", fix: expect.stringContaining("Release People 2026.5 first") }]);
  });

  test("goes back only where somebody says that its data was restored", () => {
    const plan = planOf({ people: "2026.8.6" }, { people: "2026.5.8" });
    expect(plan.blockers).toMatchObject([{ code: "backward-release", subject: "people", fix: expect.stringContaining("--accept backward-release:people") }]);
    expect(planOf({ people: "2026.8.6" }, { people: "2026.5.8" }, { accept: ["backward-release:people"] }).blockers).toEqual([]);
  });

  test("is planned from where its data is, which a deploy that was taken back may have brought further", () => {
    const reached = { people: "2026.8.6" };
    const back = planOf({ people: "2026.5.8" }, { people: "2026.5.8" }, { reached });
    expect(blocked(back)).toEqual(["backward-release:people"]);
    expect(action(back, "people")).toMatchObject({ kind: "recreate" });
    const again = planOf({ people: "2026.5.8" }, { people: "2026.8.6" }, { reached });
    expect(again.blockers).toEqual([]);
    expect(setOf(again)).toBeUndefined();
  });

  test("isn't behind its own patch because the release began with an earlier one", () => {
    expect(planOf({ people: "2026.5.8" }, { people: "2026.5.8" }, { reached: { people: "2026.5.7" } }).actions).toEqual([]);
  });
});

describe("the proxy", () => {
  test("of another version is made anew by itself, without a set, and everybody waits", () => {
    const plan = planOf({ traefik: "v3.7.15" }, { traefik: "v3.7.16" });
    expect(plan.blockers).toEqual([]);
    expect(setOf(plan)).toBeUndefined();
    expect(action(plan, "traefik")).toMatchObject({ kind: "recreate", routes: ["https://example.nl/"], because: expect.arrayContaining(["Traefik 3.7.15 → 3.7.16: every address waits while it is replaced"]) });
  });

  test("doesn't come together with an application, unless somebody accepts it", () => {
    const [before, after] = [{}, { traefik: "v3.7.16" }];
    const plan = planOf(before, after, { version: { version: "2" } });
    expect(plan.blockers).toMatchObject([{ code: "not-alone", subject: "traefik", message: expect.stringContaining("together with web") }]);
    expect(planOf(before, after, { version: { version: "2" }, accept: ["not-alone:traefik"] }).blockers).toEqual([]);
    expect(blocked(planOf(before, { ...after, level: "debug" }))).toEqual(["not-alone:traefik"]);
  });

  test("is made anew for its configuration beside whatever else changes", () => {
    expect(planOf({}, { readOnce: "log: { level: DEBUG }\n" }, { version: { version: "2" } }).blockers).toEqual([]);
  });
});

describe("a set", () => {
  test("comes before everything else, and whoever approves sees why", () => {
    const plan = planOf({ postgres: "17.6" }, { extra: true }, { version: { version: "2", schema: steps(3) } });
    expect(plan.actions[0]).toMatchObject({ kind: "set", subject: "recovery set", interruptionMs: 0, risk: "none" });
    expect(planInWords(plan).slice(2, 6)).toEqual(["1. make recovery set (risk none; nobody waits)", "   because postgres-app is stopped and made anew, and keeps data in database", "   because PostgreSQL 17.6 → 17.7, in place", "   touches no address"]);
    expect(plan.blockers[0]?.fix).toMatch(/^A recovery set is made first\./);
  });

  test("is made before a step takes something away from a schema, and not before one that adds", () => {
    const [added, waits] = [steps(3), steps(3, 3)];
    expect(setOf(planOf({}, {}, { version: { version: "2", schema: added } }))).toBeUndefined();
    const waited = releaseOf({ engine: true }, { version: "2", schema: waits });
    const next = releaseOf({ engine: true }, { version: "3", schema: waits });
    expect(setOf(planDeploy({ environment: "production", from: waited, to: next }))).toEqual(["step 3 (step-3) takes away from the schema of postgres-app"]);
  });

  test("isn't made for data that no set holds, for a new version of the application, on an empty host, or where nothing makes any", () => {
    expect(setOf(planOf({}, { storeResources: { memory: "128M", cpus: 0.5 } }))).toBeUndefined();
    expect(setOf(planOf({}, {}, { version: { version: "2" } }))).toBeUndefined();
    expect(setOf(planDeploy({ environment: "production", from: undefined, to: releaseOf({ engine: true }) }))).toBeUndefined();
    expect(setOf(planDeploy({ environment: "production", from: releaseOf({ postgres: "17.6" }), to: releaseOf() }))).toBeUndefined();
    expect(setOf(planDeploy({ environment: "production", from: releaseOf({ postgres: "17.6" }), to: releaseOf({ engine: true }) }))).toBeUndefined();
  });
});

test("a release from before upgrades were judged is judged by its images' tags, and its engine is known by the one that comes", () => {
  const { release, files } = releaseOf({ engine: true, postgres: "17.6" });
  const asBefore = Object.fromEntries(Object.entries(servicesOf({ release, files })).map(([name, { kept: _, upgrade: __, makesSets: ___, ...rest }]) => [name, rest]));
  const production = release.environments["production"];
  if (!production) throw new Error("the fixture has production");
  const from = { release: sealRelease({ ...release, environments: { production: { ...production, services: asBefore } } }), files };
  const plan = planDeploy({ environment: "production", from, to: releaseOf({ engine: true, postgres: "18.1" }) });
  expect(blocked(plan)).toContain("major-upgrade:postgres-app");
  expect(setOf(plan)).toHaveLength(2);
});

test("a release knows of a service what an upgrade needs to know, and of no other anything", () => {
  const services = servicesOf(releaseOf({ engine: true, people: "2026.5.8" }));
  expect(services["postgres-app"]).toMatchObject({ kept: ["database"], upgrade: { program: "PostgreSQL", version: "17.7", path: { kind: "within-major" } } });
  expect(services["people"]?.upgrade?.path).toMatchObject({ kind: "one-by-one", database: "app" });
  expect(services["engine"]).toMatchObject({ makesSets: ["make", "a", "set"], volumes: ["account"] });
  expect(services["engine"]).not.toHaveProperty("kept");
  expect(services["redis-sessions"]).not.toHaveProperty("kept");
  expect(platform().services.get("web")?.node.upgrades).toBeUndefined();
});

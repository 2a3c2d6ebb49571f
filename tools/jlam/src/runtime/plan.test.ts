import { describe, expect, test } from "vitest";
import { containerOf, exampleService } from "./example.fixture.ts";
import { planServices, type PlanInputs } from "./plan.ts";

const services = ["db", "migrate", "web"].map(exampleService);
const settled: PlanInputs = {
  services,
  containers: [containerOf("db"), containerOf("migrate", { status: "exited", health: undefined, finished: 1_001_000 }), containerOf("web")],
  hashes: new Map(services.map(({ name }) => [name, `hash-${name}`])),
  imageIds: new Map(services.map(({ name }) => [name, "sha256:1"])),
  secretTimes: new Map(),
  recreate: [],
};
const actions = (changes: Partial<PlanInputs>) => Object.fromEntries(planServices({ ...settled, ...changes }).map(({ service, action }) => [service, action]));
const withContainer = (service: string, changes: Parameters<typeof containerOf>[1]) =>
  settled.containers.map((container) => (container.service === service ? { ...container, ...changes } : container));

describe("planServices", () => {
  test("leaves everything alone that is as it should be, finished jobs included", () => {
    expect(actions({})).toEqual({ db: "keep", migrate: "keep", web: "keep" });
  });

  test("creates what isn't there", () => {
    expect(actions({ containers: [] })).toEqual({ db: "create", migrate: "create", web: "create" });
  });

  test("recreates a service whose configuration changed, and no other", () => {
    expect(actions({ hashes: new Map([...settled.hashes, ["web", "other"]]) })).toEqual({ db: "keep", migrate: "keep", web: "recreate" });
  });

  test("recreates a service whose image is another one under the same name", () => {
    expect(actions({ imageIds: new Map([...settled.imageIds, ["web", "sha256:2"]]) })).toMatchObject({ web: "recreate" });
  });

  test("recreates a service whose secret file is younger than its container, which Compose can't see", () => {
    const [db] = planServices({ ...settled, secretTimes: new Map([["db", 1_000_001]]) });
    expect(db).toMatchObject({ action: "recreate", forced: true });
  });

  test("keeps a service whose secret files are older than its container", () => {
    expect(actions({ secretTimes: new Map([["db", 999_999]]) })).toMatchObject({ db: "keep" });
  });

  test("runs a finished job again when what it prepared is new", () => {
    expect(actions({ hashes: new Map([...settled.hashes, ["db", "other"]]) })).toEqual({ db: "recreate", migrate: "run-again", web: "keep" });
  });

  test("runs a job again together with what is made anew by force, not before it", () => {
    const planned = planServices({ ...settled, secretTimes: new Map([["db", 1_000_001]]) });
    expect(planned.map(({ service, action, forced }) => [service, action, forced])).toEqual([["db", "recreate", true], ["migrate", "run-again", true], ["web", "keep", false]]);
  });

  test("runs a failed job again", () => {
    expect(actions({ containers: withContainer("migrate", { exitCode: 1 }) })).toMatchObject({ migrate: "run-again" });
  });

  test("starts a service that was stopped", () => {
    expect(actions({ containers: withContainer("web", { status: "exited" }) })).toMatchObject({ web: "start" });
  });

  test("recreates what a person asks for", () => {
    expect(actions({ recreate: ["web"] })).toEqual({ db: "keep", migrate: "keep", web: "recreate" });
  });
});

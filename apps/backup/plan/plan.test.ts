import { backedUp, coveredBy, duration, image, localAuthority, notBackedUp, objectStore, originOf, outsideProvider, postgres, redis, service, stack, volume, type Resource, type Surroundings } from "@jlam/compose-dsl";
import { describe, expect, test } from "vitest";
import { planFindings } from "./findings.ts";
import { backupPlan, type PlanSource } from "./plan.ts";
import { daily } from "./schedule.ts";
import { planInWords } from "./words.ts";

const at = originOf(stack);
const promise = backedUp({ loseAtMost: "24h", recoverWithin: "10m" });
const app = postgres("app", { owner: "platform", holds: "medical-data", backup: promise });
const program = image("program", "example.org/program:1.0");
const keeping = (...volumes: readonly ReturnType<typeof volume>[]) =>
  service("web", {
    owner: "platform",
    image: program,
    mounts: Object.fromEntries(volumes.map((kept) => [`/data/${kept.name}`, kept])),
    resources: { memory: "64M", cpus: 0.1 },
  });
const around = (parts: { resources?: readonly Resource[]; providers?: PlanSource["providers"]; services?: Surroundings["services"] }): PlanSource => ({
  environment: "test",
  resources: parts.resources ?? [],
  services: parts.services ?? [],
  providers: parts.providers ?? [],
  certificates: localAuthority(),
});
const entryOf = (id: string, source: PlanSource) => backupPlan(source, at).entries.find((entry) => entry.id === id);

describe("the plan", () => {
  test("holds every database that promises to survive", () => {
    expect(entryOf("postgres-app", around({ resources: [app] }))).toMatchObject({ kind: "database", holds: "medical-data" });
  });

  test("holds every volume that promises to survive, without anybody naming it", () => {
    const files = volume("files", { holds: "medical-data", backup: promise });
    expect(entryOf("volume-files", around({ services: [keeping(files)] }))).toMatchObject({ kind: "volume", volume: files });
  });

  test("says why something is not saved", () => {
    const cache = volume("cache", { holds: "no-personal-data", backup: notBackedUp("is made anew") });
    expect(planInWords(backupPlan(around({ services: [keeping(cache)] }), at), daily)).toContain("not saved: is made anew");
  });

  test("says through what the files of a database are saved", () => {
    const files = volume("postgres-app", { holds: "medical-data", backup: coveredBy(app) });
    expect(entryOf("volume-postgres-app", around({ resources: [app], services: [keeping(files)] }))).toMatchObject({ kind: "covered", by: "postgres-app" });
  });

  test("doesn't call files saved through a resource that isn't saved", () => {
    const sessions = redis("sessions", { owner: "platform", holds: "session-data", backup: notBackedUp("people sign in again") });
    const files = volume("redis-sessions", { holds: "session-data", backup: coveredBy(sessions) });
    expect(entryOf("volume-redis-sessions", around({ resources: [sessions], services: [keeping(files)] }))).toMatchObject({
      kind: "none",
      reason: "as redis-sessions: people sign in again",
    });
  });

  test("says how large a database may grow before its promise breaks", () => {
    expect(planInWords(backupPlan(around({ resources: [app] }), at), daily)).toContain("back within 10 min up to 12 GB");
  });

  test("has the same order whatever the order of declarations", () => {
    const auth = postgres("auth", { owner: "platform", holds: "identity-data", backup: promise });
    const ids = (resources: readonly Resource[]) => backupPlan(around({ resources }), at).entries.map(({ id }) => id);
    expect(ids([auth, app])).toEqual(ids([app, auth]));
  });
});

describe("a database whose provider streams its changes", () => {
  const streaming = (loseAtMost: `${number}m`) => ({ resources: [app], providers: [{ ...outsideProvider(app, { host: "db.example.org", port: 1, tls: { kind: "off" }, passwords: "ours" }, at), loseAtMost: duration(loseAtMost) }] });

  test("promises what its provider does, which is more than the sets can", () => {
    expect(planInWords(backupPlan(around(streaming("5m")), at), daily)).toContain("every change streamed, so that it comes back as at any instant; at most 5 min are lost");
    expect(planFindings(backupPlan(around(streaming("5m")), at), daily)).toEqual([]);
  });

  test("can't promise less than the time after which changes are sent", () => {
    expect(planFindings(backupPlan(around(streaming("1m")), at), daily)).toMatchObject([{ rule: "backup-loss", message: expect.stringContaining("only after up to 2 min") }]);
  });
});

describe("a promise that can't be kept is refused", () => {
  const findings = (resource: Resource): readonly string[] => planFindings(backupPlan(around({ resources: [resource] }), at), daily).map(({ rule }) => rule);
  const promising = (loseAtMost: `${number}h`, recoverWithin: `${number}m`) =>
    postgres("app", { owner: "platform", holds: "medical-data", backup: backedUp({ loseAtMost, recoverWithin }) });

  test.each([
    ["losing less than lies between two sets", promising("1h", "10m"), ["backup-loss"]],
    ["being back before a machine can start", promising("24h", "2m"), ["backup-recovery"]],
    ["both", promising("1h", "1m"), ["backup-loss", "backup-recovery"]],
    ["a Redis, which nothing reads", redis("queue", { owner: "platform", holds: "mail", backup: promise }), ["backup-kind"]],
    ["a bucket, which nothing copies", objectStore("files", { owner: "platform", holds: "mail", backup: promise }), ["backup-kind"]],
    ["what can be kept passes", app, []],
  ])("%s", (_what, resource, rules) => {
    expect(findings(resource)).toEqual(rules);
  });
});

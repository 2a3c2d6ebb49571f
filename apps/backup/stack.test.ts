import { backedUp, environment, image, localAuthority, minutes, notBackedUp, objectStore, originOf, outsideProvider, postgres, replaceableImages, resolveEnvironment, service, stack, to, volume, type Provider, type ServiceNode, type ResolvedEnvironment, type Resource } from "@jlam/compose-dsl";
import { describe, expect, test } from "vitest";
import { backup, copies, sets } from "./stack.ts";

const promise = backedUp({ loseAtMost: "24h", recoverWithin: "10m" });
const elsewhere = <const R extends Resource>(resource: R): Provider<R> =>
  outsideProvider(resource, { host: `${resource.name}.example.org`, port: 1, tls: { kind: "off" }, passwords: "ours", user: (role) => `${resource.name}_${role}`, facts: { name: resource.name } }, originOf(elsewhere));
const database = <const N extends string>(name: N, decision = promise) => postgres(name, { owner: "platform", holds: "medical-data", backup: decision });
const basis = { image: image("program", "example.org/program:1.0"), owner: "platform", resources: { memory: "64M", cpus: 0.1 } } as const;

function resolved(parts: { readonly databases?: readonly Resource<"postgres">[]; readonly provides?: readonly Provider[]; readonly volumes?: readonly ReturnType<typeof volume>[] }): ResolvedEnvironment {
  const { databases = [], provides = databases.map(elsewhere), volumes = [] } = parts;
  const web: ServiceNode = service("web", {
    ...basis,
    connects: Object.fromEntries(databases.map((needed) => [needed.name, to(needed, { because: "a test" })])),
    mounts: Object.fromEntries(volumes.map((kept) => [`/data/${kept.name}`, kept])),
  });
  return resolveEnvironment(
    environment("test", {
      domain: "example.org",
      host: { memory: "8G", cpus: 2 },
      range: "10.0.0.0/16",
      publishing: { address: "127.0.0.1", http: 80, https: 443 },
      stacks: [stack("web", { services: [web] }), backup({ keys: "throw-away" })],
      provides: [...provides, elsewhere(sets), elsewhere(copies)],
      certificates: localAuthority(),
      images: replaceableImages,
    }),
  );
}
const engineOf = (platform: ResolvedEnvironment) => platform.services.get("backup");
const planOf = (platform: ResolvedEnvironment): unknown => {
  const mount = engineOf(platform)?.mounts.find(({ path }) => path === "/etc/backup/plan.json");
  return mount?.kind === "config-file" && mount.file.content.kind === "json" ? mount.file.content.document : undefined;
};

describe("a new database in any stack", () => {
  const platform = resolved({ databases: [database("app"), database("new-one")] });

  test("is in the engine's plan with no other edit", () => {
    expect(planOf(platform)).toMatchObject({ databases: [{ id: "postgres-app", prefix: "POSTGRES_APP" }, { id: "postgres-new-one", prefix: "POSTGRES_NEW_ONE" }] });
  });

  test("is reached by the engine, as the role that only reads", () => {
    expect(engineOf(platform)?.environment.get("POSTGRES_NEW_ONE_USER")?.value).toBe("new-one_backup");
    expect(engineOf(platform)?.secrets.map(({ id }) => id)).toContain("postgres-new-one.backup");
  });

  test("that is deliberately not saved is neither planned nor reached", () => {
    const without = resolved({ databases: [database("app"), database("cache", notBackedUp("is made anew"))] });
    expect(planOf(without)).toMatchObject({ databases: [{ id: "postgres-app" }] });
    expect(engineOf(without)?.environment.has("POSTGRES_CACHE_HOST")).toBe(false);
  });
});

describe("a database whose provider streams its changes", () => {
  const app = database("app");
  const environmentWith = (loseAtMost: Provider["loseAtMost"]) => resolved({ databases: [app, database("other")], provides: [{ ...elsewhere(app), loseAtMost }, elsewhere(database("other"))] });
  const streaming = environmentWith(minutes(5));

  test("has a service that follows it, and no other, as the login that copies and changes nothing", () => {
    const archive = streaming.services.get("backup-archive");
    expect(archive?.environment.get("POSTGRES_APP_USER")?.value).toBe("app_replication");
    expect(archive?.environment.has("POSTGRES_OTHER_HOST")).toBe(false);
  });

  test("is in the plan with what may be lost, and for how long every instant is kept", () => {
    expect(planOf(streaming)).toMatchObject({ streams: [{ database: "postgres-app", loseAtMostSeconds: 300, keepSeconds: 22 * 86_400 }] });
  });

  test("without one, there is no such service", () => {
    expect(environmentWith(undefined).services.has("backup-archive")).toBe(false);
  });
});

test("a new volume in any stack is in the plan and mounted, with no other edit", () => {
  const platform = resolved({ volumes: [volume("files", { holds: "medical-data", backup: promise })] });
  expect(planOf(platform)).toMatchObject({ volumes: [{ id: "volume-files", path: "/volumes/volume-files" }] });
  expect(engineOf(platform)?.mounts).toContainEqual(expect.objectContaining({ path: "/volumes/volume-files", volume: expect.objectContaining({ readOnly: true }) }));
  expect(platform.problems).toEqual([]);
});

test("what deletes sets is a service of its own, which reaches both regions as the pruner and no database", () => {
  const pruner = resolved({ databases: [database("app")] }).services.get("backup-pruner");
  expect([pruner?.environment.get("STORE_ACCESS_KEY")?.value, pruner?.environment.get("COPY_ACCESS_KEY")?.value]).toEqual(["backups_pruner", "backups-copy_pruner"]);
  expect(pruner?.secrets.map(({ id }) => id).sort()).toEqual(["object-store-backups-copy.pruner", "object-store-backups.pruner"]);
});

test("no service beside it has a login that deletes", () => {
  const platform = resolved({ databases: [database("app")] });
  const deleting = [...platform.services].filter(([, { secrets }]) => secrets.some(({ id }) => id.endsWith(".pruner"))).map(([name]) => name);
  expect(deleting).toEqual(["backup-pruner"]);
});

test("only an engine that archives volumes runs as root, and then with the power to read alone", () => {
  const users = [resolved({}), resolved({ volumes: [volume("files", { holds: "medical-data", backup: promise })] })].map((platform) => engineOf(platform)?.node);
  expect(users.map((node) => [node?.user, node?.capabilities])).toEqual([["1000:1000", []], ["0:0", ["DAC_READ_SEARCH"]]]);
});

test("the engine is given everything that it needs to reach the store", () => {
  const given = engineOf(resolved({}))?.environment;
  expect(["STORE_URL", "STORE_BUCKET", "STORE_REGION", "STORE_ACCESS_KEY", "STORE_PASSWORD_FILE"].filter((name) => given?.get(name)?.value === undefined)).toEqual(["STORE_BUCKET", "STORE_REGION"]);
});

test("a promise that the schedule can't keep is a finding of the environment, at the place of the promise", () => {
  const platform = resolved({ databases: [database("app", backedUp({ loseAtMost: "15m", recoverWithin: "10m" }))] });
  expect(platform.problems).toMatchObject([{ rule: "backup-loss", subject: "test postgres-app", at: { file: expect.stringContaining("stack.test.ts") } }]);
});

test("an application that tells people another time than sets are kept is a finding", () => {
  const app = database("app");
  const told = (goneAfterDays: number) => {
    const program = { service: "web", command: ["true"] } as const;
    const stacks = [stack("web", { services: [service("web", { ...basis, connects: { app: to(app, { because: "a test" }) } })] }), backup({ keys: "throw-away", applications: [{ database: app, question: "select 1", erasures: "select ''", replay: program, afterwards: program, goneAfterDays }] })] as const;
    return resolveEnvironment(environment("test", { domain: "example.org", host: { memory: "8G", cpus: 2 }, range: "10.0.0.0/16", publishing: { address: "127.0.0.1", http: 80, https: 443 }, stacks, provides: [elsewhere(app), elsewhere(sets), elsewhere(copies)], certificates: localAuthority(), images: replaceableImages })).problems.map(({ rule }) => rule);
  };
  expect([told(29), told(30)]).toEqual([["backup-retention"], []]);
});

test("an environment that gives the sets no store doesn't compile", () => {
  const other = objectStore("other", { owner: "platform", holds: "keys", backup: notBackedUp("a test") });
  environment("test", {
    domain: "example.org",
    host: { memory: "8G", cpus: 2 },
    range: "10.0.0.0/16",
    publishing: { address: "127.0.0.1", http: 80, https: 443 },
    stacks: [backup({ keys: "throw-away" })],
    // @ts-expect-error objectStore "backups" is needed, and nothing provides it
    provides: [elsewhere(other)],
    certificates: localAuthority(),
    images: replaceableImages,
  });
});

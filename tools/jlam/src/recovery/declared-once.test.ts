/** A new volume or database is saved, measured, watched and brought back by being declared. That one without a decision doesn't compile: libs/compose-dsl/src/model/data.test-d.ts. */
import { mkdtemp, rm } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backup, copies, sets } from "@jlam/backup/stack";
import { measured } from "@jlam/backup/measured";
import { backedUp, environment, identity, image, localAuthority, middleware, postgres, replaceableImages, resolveEnvironment, service, stack, stackProvider, to, volume } from "@jlam/compose-dsl";
import edge from "@jlam/edge/stack";
import { mailCatcher } from "@jlam/mail";
import { monitoringStack } from "@jlam/monitoring/stack";
import { objectStoreContainer } from "@jlam/object-store";
import { outgoingMail } from "@jlam/platform";
import { postgresContainer } from "@jlam/postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { synthesise } from "../synth/synthesise.ts";
import { generatedDirectory } from "../synth/platform.ts";
import { chosen } from "./bring-back.ts";
import { readPlanFile } from "./destination.ts";

const backupDecision = backedUp({ loseAtMost: "24h", recoverWithin: "10m" });

/** The only place where both are named. */
const shelves = postgres("shelves", { owner: "tests", holds: "medical-data", backup: backupDecision });
const scans = volume("scans", { holds: "medical-data", backup: backupDecision });
/** The monitoring's pages are for people who have signed in. */
const gate = service("gate", { owner: "tests", image: image("gate", "example.org/gate:1.0"), ports: { http: 3000 }, resources: { memory: "64M", cpus: 0.1 } });
const signIn = stackProvider(identity, {
  endpoint: gate.ports.http,
  clients: { host: "gate", issuerPath: (client) => `/${client}`, groups: ["administrators", "operators"], accountsPath: "/accounts" },
  wall: { outpost: gate.ports.http, outpostPath: "/outpost", middleware: middleware("sign-in", { forwardAuth: { address: "http://gate:3000/", trustForwardHeader: true, authResponseHeaders: [] } }) },
});

const library = stack("library", {
  services: [
    gate,
    service("library", {
      owner: "tests",
      image: image("library", "example.org/library:1.0"),
      connects: { shelves: to(shelves, { because: "a test's" }) },
      mounts: { "/scans": scans },
      resources: { memory: "64M", cpus: 0.1 },
    }),
  ],
});

const declared = resolveEnvironment(
  environment("declared-once", {
    domain: "declared-once.localhost",
    host: { memory: "16G", cpus: 4 },
    range: "10.64.0.0/12",
    publishing: { address: "127.0.0.1", http: 80, https: 443 },
    stacks: [edge, library, monitoringStack({ contacts: { mail: "operators@declared-once.localhost" } }), backup({ keys: "throw-away" })],
    provides: [
      postgresContainer(shelves, { memory: "256M", cpus: 1 }),
      objectStoreContainer(sets, { memory: "384M", cpus: 0.5 }),
      objectStoreContainer(copies, { memory: "384M", cpus: 0.5 }),
      mailCatcher(outgoingMail),
      signIn,
    ],
    certificates: localAuthority(),
    images: replaceableImages,
  }),
);

/** Seconds on a quiet machine: a whole environment is emitted. */
const limit = 60_000;
let root: string;
const emitted = (path: string): string => readFileSync(join(generatedDirectory(declared.name, root), path), "utf8");
const plan = () => readPlanFile(generatedDirectory(declared.name, root));

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "jlam-declared-"));
  synthesise(declared, { root, check: false, overwrite: false });
}, limit);
afterAll(() => rm(root, { recursive: true }));

test("is in the plan, and within the engine's reach", async () => {
  expect(await plan()).toMatchObject({ databases: [{ id: "postgres-shelves" }], volumes: [{ id: "volume-scans" }] });
  expect(emitted("backup.yaml")).toMatch(/POSTGRES_SHELVES_HOST: postgres-shelves[\s\S]*target: \/volumes\/volume-scans/);
});

test("has series of its own among the engine's metrics", async () => {
  expect(measured(await plan()).map(({ resource }) => resource)).toEqual(["postgres-shelves", "scans"]);
});

test.each(["postgres-shelves", "scans"])("is missed by an alert, under the same name as its metrics: %s", (resource) => {
  const alerts = emitted("files/prometheus/etc/prometheus/rules.yml");
  expect(alerts).toContain(`absent(backup_last_success_timestamp_seconds{resource="${resource}"})`);
});

test("comes back in a drill", async () => {
  const [shelf, scan] = [{ key: "a", of: "postgres-shelves", kind: "database", bytes: 1, sha256: "" } as const, { key: "b", of: "volume-scans", kind: "volume", bytes: 1, sha256: "" } as const];
  const manifest = { databases: [{ id: "postgres-shelves", name: "shelves", server: "17.7", major: 17, snapshotAt: "2026-11-22T02:00:00.000Z", content: { tables: [], sequences: [], extensions: [], largeObjects: "0" }, answer: null }], objects: [shelf, scan] };
  const { databases, volumes } = chosen(await plan(), manifest, []);
  expect([databases.map(({ id }) => id), volumes.map(({ id }) => id)]).toEqual([["postgres-shelves"], ["volume-scans"]]);
});

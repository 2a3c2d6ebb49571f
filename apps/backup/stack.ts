/** The backup of an environment: what it saves follows from the plan, which follows from what is declared around it. */
import {
  build,
  file,
  http,
  job,
  json,
  jsonLines,
  notBackedUp,
  objectStore,
  originOf,
  port,
  provided,
  readOnly,
  resourceId,
  scrape,
  service,
  stack,
  to,
  volume,
  type Edge,
  type Mount,
  type Resource,
  type ServiceNode,
  type Stack,
  type Surroundings,
} from "@jlam/compose-dsl";
import { node } from "@jlam/platform";
import type { PlanFile } from "./src/plan-file.ts";
import { planFindings, retentionFindings } from "./plan/findings.ts";
import { backupPlan, type BackupPlan } from "./plan/plan.ts";
import { daily } from "./plan/schedule.ts";

/** Where the sets are. */
export const sets = objectStore("backups", {
  owner: "platform",
  holds: "medical-data",
  backup: notBackedUp("it holds the sets themselves"),
});

/** Where their copies are: in another region, so that a fire or an account's end takes one of the two. */
export const copies = objectStore("backups-copy", {
  owner: "platform",
  holds: "medical-data",
  backup: notBackedUp("it holds the copies of the sets"),
});

/** How both buckets are used: of what is in them the pruner reads markers alone, which name no person. */
export const pruning = { prunerReads: ["verified/", "point-in-time/records/"] } as const;

/** What an application tells of itself, so that it comes back whole and without those who left. */
export interface ApplicationRecovery {
  readonly database: Resource<"postgres">;
  /** SQL of one row and one column, with schemas in its names, that answers alike on an equal copy. */
  readonly question: string;
  /** SQL of one column: a line for everybody who was erased, oldest first. */
  readonly erasures: string;
  /** A job that reads these lines and erases the people again; without arguments it makes the tables. */
  readonly replay: Program;
  /** What reads the same lines once all services answer, and removes what is kept elsewhere. */
  readonly afterwards: Program;
  /** Days after which people are told that no backup holds them any more. */
  readonly goneAfterDays: number;
  /** What becomes of every column in a copy that leaves for staging; without it, none leaves. */
  readonly anonymised?: PlanFile["applications"][number]["anonymised"];
}

/** A database of which no copy leaves for staging: it has no rules for its columns, for a reason that whoever asks for one is told. */
export interface Uncopied {
  readonly database: Resource<"postgres">;
  readonly because: string;
}

/** What is told of a database. */
type Told = ApplicationRecovery | Uncopied;

interface Program {
  readonly service: string;
  readonly command: readonly [string, ...string[]];
}

/** Where the keys come from. */
export type Keys =
  /** Made by a people's ceremony; the public halves and the signing key are given to the environment as secrets. */
  | "provided"
  /** Made on this machine at the first start, private halves included, and lost with it: for trying things out. */
  | "throw-away";

const image = build("backup", { folder: "apps/backup", base: node, probe: ["node", "/app/probe.js"] });

const repository = volume("backup-repository", { holds: "no-personal-data", backup: notBackedUp("the bundle in it is part of every set") });

const throwAwayKeys = volume("backup-keys", { holds: "keys", backup: notBackedUp("keys of this machine alone, which read sets of this machine alone") });

const paths = { plan: "/etc/backup/plan.json", repository: "/repository", keys: "/keys", signer: "/signer", volumes: "/volumes", received: "/received", health: "/alive", metrics: "/metrics" } as const;

const publicKey = volume("backup-signer", { holds: "no-personal-data", backup: notBackedUp("the public half of a key of this machine alone") });

/** Changes that were received and not sent yet: seconds' worth, unless the store is away. */
const received = volume("backup-received", { holds: "medical-data", backup: notBackedUp("a copy of what its database has, on its way to the store") });

const makeKeys = job("backup-make-keys", {
  owner: "platform",
  zone: "operations",
  holds: "keys",
  image,
  command: ["node", "/app/make-keys.js", paths.keys, paths.signer],
  mounts: { [paths.keys]: throwAwayKeys, [paths.signer]: publicKey },
  resources: { memory: "128M", cpus: 0.5 },
});

const keySecrets = {
  OPERATIONS_KEY: provided("armoured public key of operations, for which every set is encrypted", { minLength: 200 }),
  ESCROW_KEY: provided("armoured public key of the escrow kit, for which every set is encrypted", { minLength: 200 }),
  SIGNING_KEY: provided("armoured private key that signs manifests, without a passphrase", { minLength: 200 }),
};

const signerSecrets = { SIGNER_KEY: provided("armoured public half of the key that signs manifests, by which the pruner recognises markers", { minLength: 200 }) };

const keySettings = {
  provided: { OPERATIONS_KEY_FILE: file("OPERATIONS_KEY"), ESCROW_KEY_FILE: file("ESCROW_KEY"), SIGNING_KEY_FILE: file("SIGNING_KEY") },
  "throw-away": { OPERATIONS_KEY_FILE: `${paths.keys}/operations.pub`, ESCROW_KEY_FILE: `${paths.keys}/escrow.pub`, SIGNING_KEY_FILE: `${paths.keys}/signing.key` },
} as const;

/** The engine with its plan; in an environment that keeps its keys for itself, with the job that makes them. */
export const backup = ({ keys, applications = [] }: { readonly keys: Keys; readonly applications?: readonly Told[] }): Stack<"backup", typeof sets | typeof copies> =>
  stack("backup", (around) => {
    const plan = backupPlan(around, originOf(backup), copies);
    const service = engine(around, plan, keys, applications);
    const streams = streamsOf(plan);
    const services = [service, pruner(around, plan, keys, applications), ...(streams.length === 0 ? [] : [archive(around, plan, keys)])];
    return { services: keys === "throw-away" ? [makeKeys, ...services] : services, findings: [...planFindings(plan, daily), ...applications.flatMap((told) => ("because" in told ? [] : retentionFindings(resourceId(told.database), told.goneAfterDays, daily, told.database.at)))] };
  });

function engine(around: Surroundings, plan: BackupPlan, keys: Keys, applications: readonly Told[]): ServiceNode {
  const common = {
    owner: "platform",
    zone: "operations",
    holds: "medical-data",
    image,
    ports: { http: 8080 },
    health: http("http", paths.health),
    connects: { ...databaseEdges(plan), store: to(sets, { because: "the sets are kept there" }), copy: to(copies, { because: "a second region holds each set too" }) },
    makesSets: ["node", "/app/backup.js", "run", "--json"],
    mounts: { ...volumeMounts(plan), [paths.plan]: json(planFile(around, plan, applications)), [paths.repository]: repository, ...(keys === "throw-away" && { [paths.keys]: throwAwayKeys }) },
    startsAfter: keys === "throw-away" ? [makeKeys.completed] : [],
    metrics: scrape("http", paths.metrics),
    logs: jsonLines({ level: "level", message: "msg" }),
    // At most 128 MiB of parts that are being sent, whatever the size; the rest is Node, pg_dump, zstd and gpg.
    resources: { memory: "256M", cpus: 0.5, pids: 64 },
    ...(plan.entries.some(({ kind }) => kind === "volume") && readsOthersFiles),
    // GnuPG leaves its agent to whoever reaps orphans, which Node doesn't.
    compose: { init: true },
  } as const;
  const settings = { PLAN_FILE: paths.plan, HTTP_PORT: port("http") } as const;
  return keys === "provided"
    ? service("backup", { ...common, secrets: keySecrets, settings: { ...settings, ...keySettings.provided } })
    : service("backup", { ...common, settings: { ...settings, ...keySettings["throw-away"] } });
}

/** Follows the servers whose changes are to be kept, apart from the engine: neither waits for the other, nor for its memory. */
function archive(around: Surroundings, plan: BackupPlan, keys: Keys): ServiceNode {
  const streamed = streamsOf(plan);
  const common = {
    owner: "platform",
    zone: "operations",
    holds: "medical-data",
    image,
    command: ["node", "/app/archive.js", paths.received],
    ports: { http: 8080 },
    health: http("http", paths.health),
    connects: {
      ...Object.fromEntries(streamed.map(({ id, resource }) => [id, to(resource, { as: "replication", because: "receives every change and keeps it" })])),
      store: to(sets, { because: "the changes are kept there" }),
    },
    mounts: {
      [paths.plan]: json({ ...planFile(around, { ...plan, entries: streamed }, []), copy: undefined }),
      [paths.received]: received,
      ...(keys === "throw-away" && { [paths.keys]: readOnly(throwAwayKeys) }),
    },
    startsAfter: keys === "throw-away" ? [makeKeys.completed] : [],
    metrics: scrape("http", paths.metrics),
    logs: jsonLines({ level: "level", message: "msg" }),
    // One part of a base backup and one segment at a time.
    resources: { memory: "256M", cpus: 0.5, pids: 64 },
    compose: { init: true },
  } as const;
  const settings = { PLAN_FILE: paths.plan, HTTP_PORT: port("http") } as const;
  return keys === "provided"
    ? service("backup-archive", { ...common, secrets: keySecrets, settings: { ...settings, ...keySettings.provided } })
    : service("backup-archive", { ...common, settings: { ...settings, ...keySettings["throw-away"] } });
}

type Streamed = Extract<BackupPlan["entries"][number], { readonly kind: "database" }>;

/** The databases whose changes are kept: those of which less may be lost than lies between two sets. */
const streamsOf = ({ entries }: BackupPlan): readonly Streamed[] => entries.filter((entry) => entry.kind === "database").filter(({ streamed }) => streamed);

/** Removes what is over, as logins that can read no set; the engine's own can delete none. */
function pruner(around: Surroundings, plan: BackupPlan, keys: Keys, applications: readonly Told[]): ServiceNode {
  const common = {
    owner: "platform",
    zone: "operations",
    holds: "no-personal-data",
    image,
    command: ["node", "/app/pruner.js"],
    ports: { http: 8080 },
    health: http("http", paths.health),
    connects: { store: to(sets, { as: "pruner", because: "removes sets whose time is over" }), copy: to(copies, { as: "pruner", because: "removes copies whose time is over" }) },
    logs: jsonLines({ level: "level", message: "msg" }),
    resources: { memory: "128M", cpus: 0.25, pids: 64 },
    compose: { init: true },
  } as const;
  const settings = { PLAN_FILE: paths.plan, HTTP_PORT: port("http") } as const;
  const document = json(planFile(around, plan, applications));
  return keys === "provided"
    ? service("backup-pruner", { ...common, mounts: { [paths.plan]: document }, secrets: signerSecrets, settings: { ...settings, SIGNING_KEY_FILE: file("SIGNER_KEY") } })
    : service("backup-pruner", { ...common, mounts: { [paths.plan]: document, [paths.signer]: readOnly(publicKey) }, startsAfter: [makeKeys.completed], settings: { ...settings, SIGNING_KEY_FILE: `${paths.signer}/signer.pub` } });
}

/** Volumes keep files that only their own service may read, such as a certificate's key. */
const readsOthersFiles = {
  user: "0:0",
  capabilities: ["DAC_READ_SEARCH"],
  exceptions: { "non-root": "archives volumes, whose files only their own users may read; of root's power it keeps reading alone" },
} as const;

/** An edge to every database of the plan, with the login that reads every table and writes none. */
const databaseEdges = ({ entries }: BackupPlan): Readonly<Record<string, Edge>> =>
  Object.fromEntries(entries.flatMap((entry) => (entry.kind === "database" ? [[entry.id, to(entry.resource, { as: "backup", because: "dumps it into the sets" })]] : [])));

const volumeMounts = ({ entries }: BackupPlan): Readonly<Record<`/${string}`, Mount>> =>
  Object.fromEntries(entries.flatMap((entry) => (entry.kind === "volume" ? [[volumePath(entry.id), readOnly(entry.volume)]] : [])));

const volumePath = (id: string): `/${string}` => `${paths.volumes}/${id}`;

/** Every host with the services behind it, and those that stand in for them. */
const hostsOf = ({ routes, services, hostName }: Pick<Surroundings, "routes" | "services" | "hostName">): PlanFile["visits"]["hosts"] =>
  [...Map.groupBy(routes, ({ host }) => hostName(host))]
    .sort(([a], [b]) => fromTheRight(a, b))
    .map(([host, its]) => {
      const behind = new Set(its.map(({ to: { service } }) => service));
      const standIns = services.filter(({ standsInFor }) => standsInFor.some((name) => behind.has(name))).map(({ name }) => name);
      return { host, services: [...behind, ...standIns].sort() };
    });

/** Orders hosts by their labels from the right, so that the order is the same in every environment, whatever its domain. */
const fromTheRight = (a: string, b: string): number => (a.split(".").reverse().join(".") < b.split(".").reverse().join(".") ? -1 : 1);

/** The plan as the engine reads it (src/settings.ts). A database is named by the prefix that its connection gives to variables. */
const planFile = ({ environment, routes, services, hostName, publishing }: Surroundings, plan: BackupPlan, applications: readonly Told[]) => ({
  environment,
  databases: plan.entries.flatMap(({ kind, id }) => (kind === "database" ? [{ id, prefix: id.replaceAll("-", "_").toUpperCase() }] : [])),
  streams: streamsOf(plan).map(({ id, promise }) => ({ database: id, loseAtMostSeconds: promise.loseAtMost.ms / 1000, keepSeconds: daily.keepInstants.ms / 1000 })),
  volumes: plan.entries.flatMap((entry) => (entry.kind === "volume" ? [{ id: entry.id, volume: entry.volume.name, path: volumePath(entry.id) }] : [])),
  applications: applications.flatMap((told) => {
    if ("because" in told) return [];
    const { database, question, erasures, replay, afterwards, anonymised } = told;
    return [{ database: resourceId(database), question, erasures, replay, afterwards, ...(anonymised && { anonymised }) }];
  }),
  uncopied: applications.flatMap((told) => ("because" in told ? [{ database: resourceId(told.database), because: told.because }] : [])),
  // Every host that has a router must have one again.
  visits: { address: publishing.address, port: publishing.https, hosts: hostsOf({ routes, services, hostName }) },
  repository: `${paths.repository}/platform.bundle`,
  machine: `${paths.repository}/machine.tar.gpg`,
  keepSeconds: daily.keep.ms / 1000,
  copy: { keepSeconds: daily.keepCopy.ms / 1000 },
  atHour: daily.atHour,
});

/** A small platform that is released: a site in two colours, its migrations, a store with a volume, a proxy. Tests change one fact. */
import {
  alone,
  backedUp,
  blueGreen,
  build,
  containerProvider,
  coveredBy,
  environment,
  exec,
  gated,
  http,
  image,
  job,
  localAuthority,
  lockedImages,
  middleware,
  notBackedUp,
  oneByOne,
  originOf,
  postgres,
  readOnly,
  redis,
  resolveEnvironment,
  route,
  service,
  stack,
  text,
  to,
  volume,
  withinMajor,
  yaml,
  directory,
  type Limits,
  type ResolvedEnvironment,
} from "@jlam/compose-dsl";
import { buildRelease, type Digests } from "./record/build.ts";
import { hashOf } from "./record/canonical.ts";
import type { ReleaseWithFiles } from "./plan/deploy.ts";
import type { SchemaStep } from "./record/release.ts";

export interface Facts {
  readonly name?: string;
  readonly domain?: string;
  readonly range?: string;
  readonly level?: string;
  readonly storeResources?: Limits;
  readonly writableRoot?: string;
  readonly store?: false;
  readonly extraRoute?: boolean;
  readonly rateLimit?: number;
  readonly watched?: string;
  readonly readOnce?: string;
  readonly extra?: boolean;
  /** Tag of PostgreSQL's image. */
  readonly postgres?: string;
  /** Volume in which PostgreSQL keeps its data. */
  readonly databaseVolume?: string;
  /** Tag of the proxy's image. */
  readonly traefik?: string;
  /** Tag of a program that keeps people in the database and only goes forward; there is none without. */
  readonly people?: string;
  /** Whether a program makes recovery sets. */
  readonly engine?: boolean;
}

const node = image("node", "docker.io/library/node:24", { probe: ["probe"] });
const base = { owner: "team", resources: { memory: "64M", cpus: 0.25 } } as const;

/** The environment of the small platform. */
export function platform(facts: Facts = {}): ResolvedEnvironment {
  const { name = "production", domain = "example.nl", range = "10.128.0.0/12", level = "info", postgres: databaseTag = "17.7", databaseVolume = "database", traefik = "v3.7.15" } = facts;
  const database = postgres("app", { owner: "team", zone: "application", holds: "medical-data", backup: backedUp({ loseAtMost: "24h", recoverWithin: "10m" }) });
  const sessions = redis("sessions", { owner: "team", zone: "application", holds: "session-data", backup: notBackedUp("whoever loses one signs in again") });
  const databaseServer = service("postgres-app", { ...base, image: image("postgres", `postgres:${databaseTag}`), ports: { postgres: 5432 }, health: exec(["pg_isready"]), mounts: { "/data": volume(databaseVolume, { holds: "medical-data", backup: coveredBy(database) }) }, upgrades: withinMajor("PostgreSQL") });
  const store = service("redis-sessions", {
    ...base,
    resources: facts.storeResources ?? base.resources,
    image: image("redis", "redis:8.0"),
    holds: "session-data",
    ports: { redis: 6379 },
    health: exec(["redis-cli", "ping"]),
    mounts: { "/data": volume("sessions", { holds: "session-data", backup: notBackedUp("sessions") }) },
    stopGrace: "5s",
  });
  const program = build("web", { folder: "apps/web", base: node, probe: ["probe"] });
  const migrate = job("web-migrate", { ...base, image: program, connects: { database: to(database, { as: "owner", because: "changes the schema" }) } });
  const web = service("web", {
    ...base,
    image: program,
    holds: "medical-data",
    ports: { http: 3000 },
    health: http("http", "/health"),
    connects: { database, sessions },
    startsAfter: [migrate.completed],
    settings: { LOG_LEVEL: level },
    release: blueGreen({ drain: "20s", keepAlive: "100s" }),
    ...(facts.writableRoot !== undefined && { exceptions: { "read-only-root": facts.writableRoot } }),
  });
  const extra = service("extra", { ...base, image: node, ports: { http: 8000 }, health: http("http", "/ok") });
  const people = service("people", { ...base, image: image("people", `people:${facts.people ?? "2026.2.1"}`), ports: { http: 9000 }, health: http("http", "/ok"), connects: { database }, upgrades: oneByOne("People", { releases: ["2025.12", "2026.2", "2026.5", "2026.8"], database }) });
  const engine = service("engine", { ...base, image: node, connects: { database: to(database, { as: "backup", because: "dumps it" }) }, mounts: { "/account": readOnly(volume("account", { holds: "keys", backup: backedUp({ loseAtMost: "24h", recoverWithin: "10m" }) })) }, makesSets: ["make", "a", "set"] });
  const door = service("traefik", {
    ...base,
    zone: "public",
    image: image("traefik", `traefik:${traefik}`),
    upgrades: alone("Traefik"),
    ports: { http: 8080, https: 8443 },
    publishes: { http: 80, https: 443 },
    health: exec(["traefik", "healthcheck"]),
    mounts: {
      "/etc/traefik/dynamic": directory({ "watched.yaml": yaml({ tls: { options: { default: { minVersion: facts.watched ?? "VersionTLS12" } } } }) }),
      "/etc/traefik/traefik.yml": text(facts.readOnce ?? "log: {}\n"),
    },
    reachesOutside: "publishes the ports",
  });
  const everyRoute = [
    middleware("security-headers", { headers: { stsSeconds: 63_072_000, frameDeny: true, customResponseHeaders: { Server: "" } } }),
    middleware("rate-limit", { rateLimit: { average: facts.rateLimit ?? 50, burst: 100 } }),
  ];
  return resolveEnvironment(
    environment(name, {
      domain,
      host: { memory: "8G", cpus: 4 },
      range,
      publishing: { address: "127.0.0.1", http: 80, https: 443 },
      stacks: [
        stack("edge", { services: [door], proxy: { service: door, entryPoint: "websecure", directory: "/etc/traefik/dynamic", everyRoute, forHost: { entryPoint: "host", port: 8081 } } }),
        stack("site", { services: [migrate, web], routes: [route(web.ports.http, { host: "@" }), ...(facts.extraRoute === true ? [route(web.ports.http, { host: "www" })] : [])] }),
        ...(facts.people === undefined ? [] : [stack("people", { services: [people], routes: [route(people.ports.http, { host: "people", path: "/ok" })] })]),
        ...(facts.engine === true ? [stack("engine", { services: [engine] })] : []),
        ...(facts.extra === true ? [stack("more", { services: [extra], routes: [route(extra.ports.http, { host: "extra", path: "/ok" })] })] : []),
      ],
      provides: [
        containerProvider(database, { service: databaseServer, endpoint: databaseServer.ports.postgres, user: (role) => role, facts: { name: "app" } }, originOf(platform)),
        containerProvider(sessions, { service: store, endpoint: store.ports.redis, user: (role) => role, facts: {} }, originOf(platform)),
      ],
      certificates: localAuthority(),
      images: lockedImages({ registry: "registry.example", lock }),
      releases: gated({ seenIn: "staging" }),
    }),
  );
}

const others = ["redis:8.0", "docker.io/library/node:24", ...["17.6", "17.7", "18.1"].map((tag) => `postgres:${tag}`), ...["v3.7.15", "v3.7.16"].map((tag) => `traefik:${tag}`), ...["2026.2.1", "2026.5.7", "2026.5.8", "2026.8.6"].map((tag) => `people:${tag}`)];
const lock: Digests = Object.fromEntries(others.map((reference) => [reference, hashOf(reference)]));

/** A contract of so many expand steps. */
export const steps = (count: number, contract?: number): readonly SchemaStep[] => Array.from({ length: count }, (_, index) => ({ number: index + 1, name: `step-${index + 1}`, phase: index + 1 === contract ? "contract" : "expand" }));

/** A release of the platform, whose program is `version`. */
export function releaseOf(facts: Facts = {}, { version = "1", schema = steps(2) }: { readonly version?: string; readonly schema?: readonly SchemaStep[] } = {}): ReleaseWithFiles {
  const resolved = platform(facts);
  const built = buildRelease({
    revision: "a".repeat(40),
    committedAt: "2026-11-22T10:00:00Z",
    environments: [resolved],
    built: { "registry.example/web:release": hashOf(`web ${version}`) },
    schemas: { web: { job: "web-migrate", database: "postgres-app", steps: schema } },
  });
  if (built.kind === "problems") throw new Error(built.problems.map(({ image: unlocked, message }) => `${unlocked}: ${message}`).join("\n"));
  return { release: built.release, files: built.files.get(resolved.name) ?? new Map() };
}

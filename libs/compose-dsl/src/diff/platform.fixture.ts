/** A small platform whose facts tests change one at a time. */
import {
  acme,
  backedUp,
  containerProvider,
  environment,
  exec,
  http,
  image,
  lockedImages,
  middleware,
  notBackedUp,
  originOf,
  outsideProvider,
  override,
  postgres,
  resolveEnvironment,
  route,
  service,
  stack,
  text,
  url,
  volume,
  type Limits,
  type ResolvedEnvironment,
} from "../index.ts";

export interface Facts {
  readonly name?: string;
  readonly domain?: string;
  readonly range?: string;
  readonly managed?: boolean;
  readonly level?: string;
  readonly resources?: Limits;
  readonly tag?: string;
  readonly volume?: string;
  readonly writableRoot?: string;
  readonly path?: `/${string}`;
  readonly rateLimit?: boolean;
  readonly greeting?: string;
  readonly reachesOutside?: string;
  readonly extra?: boolean;
  /** What an override of the environment sets LOG_LEVEL to. */
  readonly overriddenLevel?: string;
}

const database = postgres("app", { owner: "team", holds: "medical-data", backup: backedUp({ loseAtMost: "24h", recoverWithin: "10m" }) });

const databaseServer = service("postgres-app", {
  owner: "team",
  image: image("postgres", "postgres:17.7"),
  ports: { postgres: 5432 },
  health: exec(["pg_isready"]),
  resources: { memory: "128M", cpus: 0.5 },
});

/** The environment `production` of the platform, with `facts` in place of what it says otherwise. */
export function platform(facts: Facts = {}): ResolvedEnvironment {
  const { name = "production", domain = "example.nl", range = "10.128.0.0/12", level = "info", tag = "1.0" } = facts;
  const web = service("web", {
    owner: "team",
    image: image("web", `example/web:${tag}`, { probe: ["probe"] }),
    ports: { http: 3000 },
    health: http("http", "/health"),
    connects: { database },
    settings: { LOG_LEVEL: level, PUBLIC_URL: url("@") },
    mounts: {
      "/data": volume(facts.volume ?? "pictures", { holds: "medical-data", backup: notBackedUp("a test") }),
      "/etc/greeting": text(`${facts.greeting ?? "hello"}\nfrom ${domain}\n`),
    },
    resources: facts.resources ?? { memory: "256M", cpus: 0.5 },
    ...(facts.writableRoot !== undefined && { exceptions: { "read-only-root": facts.writableRoot } }),
    ...(facts.reachesOutside !== undefined && { reachesOutside: facts.reachesOutside }),
  });
  const proxy = service("traefik", {
    owner: "team",
    zone: "public",
    image: image("traefik", "traefik:v3"),
    ports: { https: 8443 },
    publishes: { https: 443 },
    health: exec(["traefik", "healthcheck"]),
    resources: { memory: "128M", cpus: 0.5 },
  });
  const worker = service("worker", { owner: "team", image: image("web", `example/web:${tag}`), resources: { memory: "64M", cpus: 0.1 } });
  const compression = middleware("compression", { compress: {} });
  const rateLimit = middleware("rate-limit", { rateLimit: { average: 50, period: "1s", burst: 100 } });
  return resolveEnvironment(
    environment(name, {
      domain,
      range,
      host: { memory: "8G", cpus: 2 },
      publishing: { address: "0.0.0.0", http: 80, https: 443 },
      stacks: [
        stack("edge", { services: [proxy], proxy: { service: proxy, entryPoint: "websecure", directory: "/etc/traefik", everyRoute: facts.rateLimit === false ? [compression] : [compression, rateLimit] } }),
        stack("web", { services: facts.extra ? [web, worker] : [web], routes: [route(web.ports.http, { host: "@", path: facts.path ?? "/" })] }),
      ],
      provides: [
        facts.managed
          ? outsideProvider(database, { host: `db.${domain}`, port: 5432, tls: { kind: "verify-full", certificateAuthority: "own" }, passwords: "ours", user: (role) => role }, originOf(platform))
          : containerProvider(database, { service: databaseServer, endpoint: databaseServer.ports.postgres, user: (role) => role }, originOf(platform)),
      ],
      certificates: acme({ dns: "scaleway", email: "admin@example.nl", wildcard: true }),
      overrides: facts.overriddenLevel === undefined ? [] : [override(web, { settings: { LOG_LEVEL: facts.overriddenLevel } })],
      images: lockedImages({ registry: "registry.example.nl", lock: {} }),
    }),
  );
}

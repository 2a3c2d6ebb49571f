/**
 * The platform of the upgraded host: copied into a repository of its own. The real edge, PostgreSQL, backup engine with its
 * stores, and Alertmanager; a small application in two colours, and a program whose data goes forward only.
 */
import {
  backedUp,
  blueGreen,
  build,
  environment,
  from,
  http,
  image,
  localAuthority,
  lockedImages,
  oneByOne,
  port,
  postgres,
  route,
  sealedSecrets,
  service,
  stack,
  to,
  yaml,
  type EnvironmentNode,
} from "@jlam/compose-dsl";
import { backup, copies, pruning, sets } from "@jlam/backup/stack";
import edge from "@jlam/edge/stack";
import { objectStoreContainer } from "@jlam/object-store";
import { node } from "@jlam/platform";
import { postgresContainer } from "@jlam/postgres";

/** What the environment says of itself. */
export interface Place {
  readonly domain: string;
  readonly range: string;
  /** `host:port` of the registry, as this machine and the host name it. */
  readonly registry: string;
  readonly lock: Readonly<Record<string, string>>;
  readonly sealed: Parameters<typeof sealedSecrets>[0];
}

/** The environment. Tags are changed where they are written, here and in apps/postgres, as whoever upgrades does. */
export function place(name: string, { domain, range, registry, lock, sealed }: Place): EnvironmentNode {
  const database = postgres("app", { owner: "platform", holds: "no-personal-data", backup: backedUp({ loseAtMost: "24h", recoverWithin: "10m" }) });
  const app = service("app", {
    owner: "platform",
    image: build("app", { folder: "apps/app", base: node, probe: ["node", "/app/probe.js"] }),
    command: ["node", "/app/server.js"],
    ports: { http: 3000 },
    // Patient: a test of upgrades is not to fail because others keep the machine busy.
    health: http("http", "/health", { interval: "1s", timeout: "10s", retries: 10, startPeriod: "60s" }),
    connects: { database: to(database, { because: "tells what is in it" }) },
    settings: { HTTP_PORT: port("http") },
    objectives: { availability: 0.99 },
    resources: { memory: "128M", cpus: 1 },
    release: blueGreen({ drain: "4s", keepAlive: "100s" }),
    stopGrace: "10s",
  });
  const keeper = service("keeper", {
    owner: "platform",
    image: image("keeper", "docker.io/jlam-test/keeper:2026.1", { probe: ["node", "/app/probe.js"] }),
    command: ["node", "/app/keeper.js"],
    ports: { http: 3000 },
    health: http("http", "/", { interval: "1s", timeout: "10s", retries: 10, startPeriod: "60s" }),
    connects: { database: to(database, { as: "owner", because: "brings its data to its own release" }) },
    settings: {
      HTTP_PORT: port("http"),
      DATABASE_HOST: from("database", "host"),
      DATABASE_PORT: from("database", "port"),
      DATABASE_NAME: from("database", "name"),
      DATABASE_USER: from("database", "user"),
      DATABASE_PASSWORD_FILE: from("database", "passwordFile"),
    },
    resources: { memory: "128M", cpus: 0.5 },
    upgrades: oneByOne("Keeper", { releases: ["2026.1", "2026.2"], database }),
  });
  const alertmanager = service("alertmanager", {
    owner: "platform",
    zone: "operations",
    image: image("alertmanager", "docker.io/prom/alertmanager:v0.34.2", { probe: ["wget", "-q", "-O", "/dev/null"] }),
    user: "65534:65534",
    command: ["--config.file=/etc/alertmanager/alertmanager.yml", "--storage.path=/alertmanager", "--cluster.listen-address="],
    ports: { http: 9093 },
    health: http("http", "/-/healthy"),
    mounts: { "/etc/alertmanager/alertmanager.yml": yaml({ route: { receiver: "nobody" }, receivers: [{ name: "nobody" }] }) },
    tmpfs: { "/alertmanager": "16M" },
    reachesOutside: "would tell people",
    resources: { memory: "64M", cpus: 0.25 },
  });
  return environment(name, {
    domain,
    host: { memory: "8G", cpus: 2 },
    range,
    publishing: { address: "0.0.0.0", http: 80, https: 443 },
    stacks: [
      edge,
      stack("app", { services: [app], routes: [route(app.ports.http, { host: "@" })] }),
      stack("keeper", { services: [keeper] }),
      stack("monitoring", { services: [alertmanager] }),
      backup({ keys: "throw-away" }),
    ],
    provides: [
      postgresContainer(database, { memory: "256M", cpus: 1 }),
      objectStoreContainer(sets, { memory: "384M", cpus: 0.5 }, pruning),
      objectStoreContainer(copies, { memory: "384M", cpus: 0.5 }, pruning),
    ],
    certificates: localAuthority(),
    images: lockedImages({ registry: `${registry}/jlam`, lock }),
    secrets: sealedSecrets(sealed),
  });
}

/** What the test bed releases: the real edge, a real Redis, and a small application in two colours. */
import {
  backedUp,
  blueGreen,
  build,
  environment,
  http,
  job,
  localAuthority,
  lockedImages,
  port,
  redis,
  resolveEnvironment,
  route,
  scrape,
  middleware,
  service,
  stack,
  to,
  type ResolvedEnvironment,
} from "@jlam/compose-dsl";
import edge from "@jlam/edge/stack";
import { node } from "@jlam/platform";
import { redisContainer } from "@jlam/redis";

export const domain = "bed.test";

const orders = redis("orders", { owner: "platform", holds: "no-personal-data", backup: backedUp({ loseAtMost: "24h", recoverWithin: "10m" }) });
const image = build("app", { folder: "tests/release/bed/application", base: node, probe: ["node", "/app/probe.js"] });

const migrate = job("app-migrate", {
  owner: "platform",
  image,
  command: ["node", "/app/migrate.js"],
  connects: { orders: to(orders, { because: "notes that it ran" }) },
  resources: { memory: "96M", cpus: 0.5 },
});

/** What a test changes of the application from release to release, beside its image. */
export interface ApplicationChanges {
  /** A setting, which is configuration of a colour. */
  readonly word?: string;
  /** Rate limit of the edge, which is configuration that the proxy takes up by itself. */
  readonly burst?: number;
  /** A setting of the single, stateful service. */
  readonly redisMemory?: "64M" | "96M";
  /** Latency that is promised; nothing unless a test is about it, since the machine that tests may be busy. */
  readonly p95?: `${number}ms`;
  /** How long its health check may fail while it starts: long enough for a busy machine. */
  readonly startPeriod?: `${number}s`;
  /** Port that is published beside 443. */
  readonly http?: number;
}

export interface Images {
  /** Where our own are: `127.0.0.1:5000/jlam`. */
  readonly registry: string;
  /** Digests of those that aren't ours. */
  readonly lock: Readonly<Record<string, string>>;
}

/** The environment as its release is made from it. */
export function bedEnvironment(name: string, { registry, lock }: Images, { word = "first", burst = 10_000, redisMemory = "64M", p95, startPeriod = "60s", http: httpPort = 80 }: ApplicationChanges = {}): ResolvedEnvironment {
  const app = service("app", {
    owner: "platform",
    image,
    ports: { http: 3000, metrics: 9464 },
    // A probe is a program that starts, which takes long where everybody else works too.
    health: http("http", "/health", { interval: "1s", timeout: "20s", startPeriod }),
    connects: { orders: to(orders, { because: "counts orders" }) },
    startsAfter: [migrate.completed],
    settings: { HTTP_PORT: port("http"), METRICS_PORT: port("metrics"), WORD: word },
    metrics: scrape("metrics", "/metrics"),
    objectives: { availability: 0.99, ...(p95 !== undefined && { latency: { p95 } }) },
    resources: { memory: "128M", cpus: 1 },
    release: blueGreen({ drain: "4s", keepAlive: "100s", inFlight: "http_requests_in_flight", endStreams: "SIGUSR2" }),
    stopGrace: "10s",
  });
  return resolveEnvironment(
    environment(name, {
      domain,
      host: { memory: "8G", cpus: 2 },
      range: "10.224.0.0/12",
      publishing: { address: "0.0.0.0", http: httpPort, https: 443 },
      stacks: [
        edge,
        // One client makes all the load, from one address.
        stack("app", { services: [migrate, app], routes: [route(app.ports.http, { host: "@", middlewares: [middleware("rate-limit", { rateLimit: { average: 10_000, period: "1s", burst } })] })] }),
      ],
      provides: [redisContainer(orders, { memory: redisMemory, cpus: 0.5 })],
      certificates: localAuthority(),
      images: lockedImages({ registry, lock }),
    }),
  );
}

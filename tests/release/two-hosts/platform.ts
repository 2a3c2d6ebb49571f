/**
 * The platform of the two hosts: copied into a repository of its own, whose environments staging and production are made
 * of it. The real edge, a Redis, and the bed's small application, in two colours, with a secret of somebody else's.
 */
import {
  blueGreen,
  build,
  environment,
  file,
  gated,
  image,
  job,
  localAuthority,
  lockedImages,
  middleware,
  notBackedUp,
  port,
  http,
  provided,
  redis,
  route,
  scrape,
  sealedSecrets,
  service,
  stack,
  to,
  type EnvironmentNode,
} from "@jlam/compose-dsl";
import edge from "@jlam/edge/stack";
import { redisContainer } from "@jlam/redis";

/** What one of the two environments says of itself. */
export interface Place {
  readonly domain: string;
  readonly range: string;
  /** `host:port` of the registry, as this machine and both hosts name it. */
  readonly registry: string;
  readonly lock: Readonly<Record<string, string>>;
  readonly sealed: Parameters<typeof sealedSecrets>[0];
  /** How long staging must have served a release before it may come here; undefined: every release may. */
  readonly soak?: `${number}s`;
}

/** An environment of the two hosts. */
export function place(name: string, { domain, range, registry, lock, sealed, soak }: Place): EnvironmentNode {
  const orders = redis("orders", { owner: "platform", holds: "no-personal-data", backup: notBackedUp("the orders of a test") });
  const program = build("app", { folder: "apps/app", base: image("base", `${registry}/library/node:24-trixie-slim`), probe: ["node", "/app/probe.js"] });
  const migrate = job("app-migrate", {
    owner: "platform",
    image: program,
    command: ["node", "/app/migrate.js"],
    connects: { orders: to(orders, { because: "notes that it ran" }) },
    resources: { memory: "96M", cpus: 0.5 },
  });
  const app = service("app", {
    owner: "platform",
    image: program,
    ports: { http: 3000, metrics: 9464 },
    // Patient: a test of releases is not to fail because others keep the machine busy.
    health: http("http", "/health", { interval: "1s", timeout: "10s", retries: 10, startPeriod: "60s" }),
    connects: { orders: to(orders, { because: "counts orders" }) },
    startsAfter: [migrate.completed],
    secrets: { TOKEN: provided("token of a friend") },
    settings: { HTTP_PORT: port("http"), METRICS_PORT: port("metrics"), TOKEN_FILE: file("TOKEN") },
    metrics: scrape("metrics", "/metrics"),
    objectives: { availability: 0.99 },
    resources: { memory: "128M", cpus: 1 },
    release: blueGreen({ drain: "4s", keepAlive: "100s", inFlight: "http_requests_in_flight", endStreams: "SIGUSR2" }),
    stopGrace: "10s",
  });
  // One client makes all the load, from one address.
  const plenty = middleware("rate-limit", { rateLimit: { average: 10_000, period: "1s", burst: 10_000 } });
  return environment(name, {
    domain,
    host: { memory: "8G", cpus: 2 },
    range,
    publishing: { address: "0.0.0.0", http: 80, https: 443 },
    stacks: [edge, stack("app", { services: [migrate, app], routes: [route(app.ports.http, { host: "@", middlewares: [plenty] })] })],
    provides: [redisContainer(orders, { memory: "64M", cpus: 0.5 })],
    certificates: localAuthority(),
    images: lockedImages({ registry: `${registry}/jlam`, lock }),
    secrets: sealedSecrets(sealed),
    // A soak that a test can wait for, said where every environment says it. Nobody is kept from testing on a Sunday.
    ...(soak !== undefined && { releases: gated({ seenIn: "staging", soak, freezes: [] }) }),
  });
}

/** A small platform around the real monitoring stack, for tests: a proxy, a shop with a promise, its databases, a backup service. */
import {
  backedUp,
  containerProvider,
  environment,
  exec,
  http,
  identity,
  image,
  jsonLines,
  localAuthority,
  middleware,
  originOf,
  outsideProvider,
  postgres,
  redis,
  notBackedUp,
  replaceableImages,
  route,
  scrape,
  service,
  settledSurroundings,
  stack,
  stackProvider,
  to,
  type EnvironmentNode,
  type Stack,
} from "@jlam/compose-dsl";
import { outgoingMail } from "@jlam/platform";
import { monitoringStack, type MonitoringOptions } from "./stack.ts";
import { watch } from "./watched/watch.ts";

const tool = image("tool", "docker.io/library/tool:1.0", { probe: ["probe"] });
const basis = { owner: "shopkeepers", image: tool, health: exec(["true"]), resources: { memory: "64M", cpus: 0.25 } } as const;

const database = postgres("shop", { owner: "shopkeepers", holds: "medical-data", backup: backedUp({ loseAtMost: "24h", recoverWithin: "10m" }) });
const carts = redis("carts", { owner: "shopkeepers", holds: "session-data", backup: notBackedUp("a cart can be filled again") });

const door = service("traefik", {
  ...basis,
  zone: "public",
  image: image("traefik", "docker.io/library/traefik:v3.7.15"),
  ports: { https: 8443, metrics: 8084 },
  publishes: { https: 443 },
  metrics: scrape("metrics", "/metrics"),
  objectives: { availability: 0.999 },
});
const edge = stack("edge", {
  services: [door],
  proxy: { service: door, entryPoint: "websecure", directory: "/etc/traefik/dynamic", everyRoute: [middleware("security-headers", { headers: { contentTypeNosniff: true } })] },
});

const shop = service("shop", {
  ...basis,
  ports: { http: 80, metrics: 9464 },
  health: http("http", "/health"),
  connects: { database: to(database, { because: "orders" }), carts: to(carts, { because: "carts" }) },
  metrics: scrape("metrics", "/metrics", { interval: "30s" }),
  logs: jsonLines({ level: "level", message: "msg" }),
  objectives: { availability: 0.999, latency: { p95: "500ms" } },
});
const backup = service("backup", { ...basis, ports: { metrics: 9000 }, metrics: scrape("metrics", "/metrics") });
const shopStack = stack("shop", { services: [shop, backup], routes: [route(shop.ports.http, { host: "@" })] });

const auth = service("auth", { ...basis, zone: "identity", ports: { http: 9000 } });
const signIn = stackProvider(identity, {
  endpoint: auth.ports.http,
  clients: { host: "auth", issuerPath: (client) => `/${client}`, groups: ["administrators", "operators"], accountsPath: "/accounts" },
  wall: { outpost: auth.ports.http, outpostPath: "/outpost", middleware: middleware("sign-in", { forwardAuth: { address: "http://auth:9000/", trustForwardHeader: true, authResponseHeaders: [] } }) },
});
const identityStack = stack("identity", { services: [auth] });

const postgresServer = service("postgres-shop", { ...basis, zone: "data", ports: { postgres: 5432 } });
const redisServer = service("redis-carts", { ...basis, zone: "data", ports: { redis: 6379 } });

interface PlatformOptions extends Partial<MonitoringOptions> {
  readonly around?: readonly Stack[];
  readonly memory?: "4G" | "8G";
  readonly address?: string;
}

/** The platform with the real stack; `around` are more stacks beside it. */
export const platform = ({ around = [], memory = "8G", address = "127.0.0.1", contacts = { mail: "people@example.org" }, costs = { server: 30.42 } }: PlatformOptions = {}): EnvironmentNode => {
  const node = environment("test", {
    domain: "example.org",
    host: { memory, cpus: 4 },
    range: "10.192.0.0/12",
    publishing: { address, http: 80, https: 443 },
    stacks: [edge, identityStack, shopStack, monitoringStack({ contacts, costs })],
    provides: [
      containerProvider(database, { service: postgresServer, endpoint: postgresServer.ports.postgres, user: (role) => role, facts: { name: "shop" } }, originOf(platform)),
      containerProvider(carts, { service: redisServer, endpoint: redisServer.ports.redis, user: (role) => role }, originOf(platform)),
      outsideProvider(
        outgoingMail,
        { host: "smtp.example.com", port: 465, tls: { kind: "verify-full", certificateAuthority: "public" }, passwords: "theirs", user: () => "sender", facts: { from: "a@example.org" } },
        originOf(platform),
      ),
      signIn,
    ],
    certificates: localAuthority(),
    images: replaceableImages,
  });
  return { ...node, stacks: [...node.stacks, ...around] };
};

/** What monitoring sees of it. */
export const watchedPlatform = (options?: PlatformOptions) => watch(settledSurroundings(platform(options)));

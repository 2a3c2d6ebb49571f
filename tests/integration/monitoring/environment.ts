/** A small environment around the real monitoring: parts that do what a test tells them, databases, a wall, and an inbox for alerts. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  backedUp,
  environment,
  exec,
  forwardAuth,
  http,
  identity,
  image,
  jsonLines,
  localAuthority,
  middleware,
  notBackedUp,
  postgres,
  redis,
  replaceableImages,
  resolveEnvironment,
  route,
  scrape,
  service,
  stack,
  stackProvider,
  to,
} from "@jlam/compose-dsl";
import edge from "@jlam/edge/stack";
import { mailCatcher } from "@jlam/mail";
import { monitoringStack } from "@jlam/monitoring/stack";
import { node, outgoingMail } from "@jlam/platform";
import { postgresContainer } from "@jlam/postgres";
import { redisContainer } from "@jlam/redis";

const program = readFileSync(join(import.meta.dirname, "actor.cjs"), "utf8");

/** Node's image, with a way to ask for a page from inside. */
const asking = image(node.name, `${node.repository}:${node.tag}`, { probe: ["node", "-e", "fetch(process.argv[1]).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"] });

const actor = {
  owner: "tests",
  image: asking,
  command: ["node", "-e", program],
  ports: { http: 3000, control: 3001 },
  // Cheap: a check that starts Node in each of them would be most of what the machine does.
  health: exec(["true"]),
  logs: jsonLines({ level: "level", message: "event" }),
  stopGrace: "1s",
  resources: { memory: "96M", cpus: 0.25 },
} as const;

const database = postgres("books", { owner: "tests", holds: "medical-data", backup: backedUp({ loseAtMost: "24h", recoverWithin: "10m" }) });
const carts = redis("carts", { owner: "tests", holds: "session-data", backup: notBackedUp("a test's") });

/** Answers with errors when it is told to; its users were promised that it doesn't. */
const shop = service("shop", { ...actor, objectives: { availability: 0.999, latency: { p95: "500ms" } } });
/** Each is for one kind of fault, so that faults don't hide each other. */
const victim = service("victim", actor);
/** Has a health page that can hang up while its pages are served; Docker asks it seldom, the blackbox exporter often. */
const half = service("half", { ...actor, health: http("control", "/health", { interval: "5m" }) });
const slow = service("slow", actor);
const faulty = service("faulty", actor);
const large = service("large", actor);
const crasher = service("crasher", actor);
/** Docker asks it how it is, and it can say that it isn't well. */
const ailing = service("ailing", { ...actor, health: http("control", "/health", { interval: "20s" }) });
const bookkeeper = service("bookkeeper", { ...actor, connects: { database: to(database, { because: "keeps books" }), carts: to(carts, { because: "keeps carts" }) } });
const walled = service("walled", { ...actor, signIn: forwardAuth({ groups: ["administrators"] }) });
/** Tells of backups, under the names that monitoring knows. */
const backup = service("backup", { ...actor, metrics: scrape("control", "/metrics") });
const parts = stack("parts", {
  services: [shop, victim, half, slow, faulty, large, crasher, ailing, bookkeeper, walled, backup],
  routes: [
    route(shop.ports.http, { host: "@" }),
    route(victim.ports.http, { host: "victim" }),
    route(half.ports.http, { host: "half" }),
    route(slow.ports.http, { host: "slow" }),
    route(faulty.ports.http, { host: "faulty" }),
    route(walled.ports.http, { host: "walled" }),
    route(large.ports.http, { host: "large" }),
    route(crasher.ports.http, { host: "crasher" }),
  ],
});

/** Refuses everybody, until it is told to let everybody in. */
const auth = service("auth", { ...actor, zone: "identity", settings: { STATUS: 401 } });
const signIn = stackProvider(identity, {
  endpoint: auth.ports.http,
  clients: { host: "auth", issuerPath: (client) => `/${client}`, groups: ["administrators", "operators"], accountsPath: "/accounts" },
  wall: { outpost: auth.ports.http, outpostPath: "/outpost", middleware: middleware("sign-in", { forwardAuth: { address: "http://auth:3000/", trustForwardHeader: true, authResponseHeaders: ["X-authentik-username", "X-authentik-groups"] } }) },
});

const inbox = service("inbox", { ...actor, zone: "operations" });
const inboxes = stack("inboxes", { services: [auth, inbox] });

export const monitoringTest = resolveEnvironment(
  environment("monitoring-test", {
    domain: "jlam.test",
    host: { memory: "8G", cpus: 2 },
    // Behind the test environments for ACME (10.192.0.0/16) and Authentik (10.193.0.0/16).
    range: "10.194.0.0/15",
    publishing: { address: "127.0.0.1", http: 14080, https: 14443 },
    stacks: [edge, parts, inboxes, monitoringStack({ contacts: { mail: "people@jlam.test", inbox: inbox.ports.http } })],
    provides: [
      postgresContainer(database, { memory: "256M", cpus: 0.5 }),
      redisContainer(carts, { memory: "64M", cpus: 0.25 }),
      mailCatcher(outgoingMail),
      signIn,
    ],
    certificates: localAuthority(),
    images: replaceableImages,
  }),
);

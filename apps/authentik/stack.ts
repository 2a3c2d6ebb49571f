import {
  backedUp,
  environmentName,
  exec,
  file,
  from,
  generated,
  identity,
  image,
  jsonLines,
  middleware,
  notBackedUp,
  postgres,
  route,
  scrape,
  service,
  stack,
  stackProvider,
  to,
  volume,
} from "@jlam/compose-dsl";
import { outgoingMail } from "@jlam/platform";
import { identityHeaders, outpostPath } from "./forward-auth.ts";

export const database = postgres("auth", {
  owner: "platform",
  holds: "identity-data",
  zone: "identity",
  backup: backedUp({ loseAtMost: "24h", recoverWithin: "10m" }),
});

/** Server and worker must be of one version (goauthentik/authentik#8932). */
const authentik = image("authentik", "ghcr.io/goauthentik/server:2026.8.6", { registryOnly: true });

/** Written by the first start, read by both programs. */
const media = volume("authentik-data", {
  holds: "identity-data",
  backup: notBackedUp("holds the brand's pictures only, which the repository has"),
});

const common = {
  owner: "platform",
  zone: "identity",
  holds: "identity-data",
  image: authentik,
  mounts: { "/data": media },
  sharedMemory: "512M",
  logs: jsonLines({ level: "level", message: "event" }),
} as const;

const settings = {
  AUTHENTIK_SECRET_KEY: file("SECRET_KEY", { prefix: "file://" }),
  AUTHENTIK_POSTGRESQL__HOST: from("database", "host"),
  AUTHENTIK_POSTGRESQL__PORT: from("database", "port"),
  AUTHENTIK_POSTGRESQL__NAME: from("database", "name"),
  AUTHENTIK_POSTGRESQL__USER: from("database", "user"),
  AUTHENTIK_POSTGRESQL__PASSWORD: from("database", "passwordFile", { prefix: "file://" }),
  AUTHENTIK_POSTGRESQL__SSLMODE: from("database", "sslmode"),
  AUTHENTIK_POSTGRESQL__SSLROOTCERT: from("database", "caFile"),
  AUTHENTIK_EMAIL__HOST: from("mail", "host"),
  AUTHENTIK_EMAIL__PORT: from("mail", "port"),
  AUTHENTIK_EMAIL__FROM: from("mail", "from"),
  AUTHENTIK_DISABLE_UPDATE_CHECK: true,
  AUTHENTIK_DISABLE_STARTUP_ANALYTICS: true,
  AUTHENTIK_ERROR_REPORTING__ENABLED: false,
  AUTHENTIK_ERROR_REPORTING__ENVIRONMENT: environmentName(),
  AUTHENTIK_OUTPOSTS__DISCOVER: false,
  AUTHENTIK_AVATARS: "initials",
  // Without these the server keeps up to 2 GiB of freed memory (goauthentik/authentik#25683).
  MALLOC_ARENA_MAX: 2,
  MALLOC_TRIM_THRESHOLD_: 131_072,
} as const;

const connections = {
  // Authentik migrates its own schema at start, so it has to own it.
  database: to(database, { as: "owner", because: "people, groups and events are kept there" }),
  mail: to(outgoingMail, { because: "sends enrolment and recovery mail" }),
} as const;

/** Up to ten minutes for the first start: it migrates (Authentik's own helm chart allows as much). */
const healthy = exec(["ak", "healthcheck"], { interval: "30s", timeout: "10s", startPeriod: "10m" });

/** One value in both programs: each reads cookies and tokens that the other signed. */
const secrets = { SECRET_KEY: generated({ bytes: 50, sharedAs: "authentik-secret-key" }) } as const;

export const worker = service("authentik-worker", {
  ...common,
  command: ["worker"],
  ports: { metrics: 9300 },
  health: healthy,
  connects: connections,
  secrets,
  settings,
  metrics: scrape("metrics", "/metrics"),
  resources: { memory: "1G", cpus: 1, pids: 512 },
});

export const server = service("authentik-server", {
  ...common,
  command: ["server"],
  ports: { http: 9000, metrics: 9300 },
  health: healthy,
  connects: connections,
  secrets,
  settings: { ...settings, AUTHENTIK_LISTEN__HTTP: "0.0.0.0:9000" },
  metrics: scrape("metrics", "/metrics"),
  objectives: { availability: 0.999 },
  resources: { memory: "1G", cpus: 1, pids: 512 },
});

/** Every `signIn` of an environment is answered by this Authentik. */
export const signIn = stackProvider(identity, {
  endpoint: server.ports.http,
  clients: { host: "auth", issuerPath: (client) => `/application/o/${client}/`, groups: ["administrators", "operators", "members"] },
  wall: {
    outpost: server.ports.http,
    outpostPath,
    // In the proxy's own files, never on Authentik's labels: those vanish while it is unhealthy, and with them the wall.
    middleware: middleware("sign-in", {
      forwardAuth: {
        address: `http://${server.name}:${server.ports.http.number}${outpostPath}/auth/traefik`,
        trustForwardHeader: true,
        authResponseHeaders: identityHeaders,
      },
    }),
  },
});

export default stack("authentik", {
  services: [server, worker],
  routes: [
    route(server.ports.http, {
      host: "auth",
      openBecause: "people who sign in aren't signed in yet",
      // The flow executor makes many small calls; Authentik's own reputation policy slows guessing down.
      middlewares: [middleware("rate-limit", { rateLimit: { average: 200, period: "1s", burst: 400 } })],
    }),
  ],
});

import {
  backedUp,
  blueGreen,
  build,
  environmentName,
  file,
  generated,
  http,
  job,
  jsonLines,
  notBackedUp,
  oidc,
  port,
  postgres,
  proxyRange,
  redis,
  route,
  scrape,
  service,
  stack,
  to,
  url,
} from "@jlam/compose-dsl";
import { node, outgoingMail } from "@jlam/platform";

export const database = postgres("app", {
  owner: "platform",
  holds: "medical-data",
  backup: backedUp({ loseAtMost: "24h", recoverWithin: "10m" }),
});

export const sessions = redis("sessions", {
  owner: "platform",
  holds: "session-data",
  backup: notBackedUp("whoever loses a session signs in again"),
});

/** Days after which the last backup that holds a row is gone, too. The privacy notice says it, and backups are kept no longer. */
export const backupRetentionDays = 30;

/** A key of hashes that must be found again years later, so it can't be replaced every year as other secrets are. */
const lastingKey = (options: { readonly sharedAs?: string } = {}) => generated({ bytes: 32, maxAgeDays: 3650, ...options });

/** One key for the program that adds to the erasure list and for the command that replays it after a restore. */
const erasureKey = lastingKey({ sharedAs: "erasure-key" });

const image = build("web", { folder: "apps/web", base: node, probe: ["node", "/app/probe.js"] });

const paths = { health: "/health", ready: "/ready", metrics: "/metrics" } as const;

export const migrate = job("web-migrate", {
  owner: "platform",
  image,
  command: ["node", "/app/migrate.js"],
  connects: { database: to(database, { as: "owner", because: "changes the schema before the new version starts" }) },
  // Not for migrations, but for `node /app/erasures.js`, which runs in this container after a restore.
  secrets: { ERASURE_KEY: erasureKey },
  settings: { LOG_LEVEL: "info", ENVIRONMENT: environmentName(), ERASURE_KEY_FILE: file("ERASURE_KEY") },
  logs: jsonLines({ level: "level", message: "msg" }),
  resources: { memory: "128M", cpus: 0.5 },
});

export const web = service("web", {
  owner: "platform",
  image,
  holds: "medical-data",
  ports: { http: 3000, metrics: 9464 },
  health: http("http", paths.health, { interval: "5s" }),
  connects: {
    database: to(database, { because: "members' diaries and consents are kept there" }),
    sessions: to(sessions, { because: "knows who is signed in" }),
    mail: to(outgoingMail, { because: "writes to members" }),
  },
  startsAfter: [migrate.completed],
  secrets: { SESSION_KEY: generated({ bytes: 32 }), ACCESS_LOG_KEY: lastingKey(), ERASURE_KEY: erasureKey },
  settings: {
    ENVIRONMENT: environmentName(),
    PUBLIC_URL: url("@"),
    HTTP_PORT: port("http"),
    METRICS_PORT: port("metrics"),
    HEALTH_PATH: paths.health,
    READY_PATH: paths.ready,
    METRICS_PATH: paths.metrics,
    TRUSTED_PROXIES: proxyRange(),
    SESSION_KEY_FILE: file("SESSION_KEY"),
    ACCESS_LOG_KEY_FILE: file("ACCESS_LOG_KEY"),
    ERASURE_KEY_FILE: file("ERASURE_KEY"),
    BACKUP_RETENTION_DAYS: String(backupRetentionDays),
    LOG_LEVEL: "info",
  },
  signIn: oidc({ callback: "/auth/callback", groups: ["members", "operators"], backChannelLogout: "/auth/backchannel-logout", accounts: "erase" }),
  metrics: scrape("metrics", paths.metrics),
  logs: jsonLines({ level: "level", message: "msg" }),
  objectives: { availability: 0.999, latency: { p95: "500ms" } },
  resources: { memory: "256M", cpus: 0.5 },
  release: blueGreen({ drain: "20s", keepAlive: "100s", inFlight: "http_requests_in_flight" }),
  stopGrace: "25s",
});

export default stack("web", {
  services: [migrate, web],
  routes: [route(web.ports.http, { host: "@" })],
});

/** Authentik: who people are, and what they may open. Everything that depends on its version or on other services follows from them. */
import {
  backedUp,
  environmentName,
  directory,
  exec,
  file,
  from,
  frontRanges,
  generated,
  identity,
  image,
  job,
  jsonLines,
  notBackedUp,
  oneByOne,
  postgres,
  route,
  scrape,
  service,
  stack,
  stackProvider,
  text,
  to,
  url,
  volume,
  middleware,
  type Endpoint,
  type Surroundings,
  type Versions,
} from "@jlam/compose-dsl";
import { outgoingMail, redisServer } from "@jlam/platform";
import { firstAdministrator, groups } from "./blueprints/groups.ts";
import { releases } from "./blueprints/fields.ts";
import { blueprintFiles, blueprintFolder } from "./blueprints/index.ts";
import { signInSecrets, signInsOf } from "./blueprints/sign-ins.ts";
import { capabilities, newestRelease, versionOf } from "./capabilities.ts";
import { retiredFindings, versionFindings } from "./findings.ts";
import { outpostPath, signInMiddleware } from "./forward-auth.ts";
import { mailTemplates, templateFolder } from "./mail-templates.ts";
import { administratorPassword, preparation, preparationCommand, preparationPath } from "./preparation.ts";
import { retired } from "./retired.ts";

/** The newest release that gets security fixes. */
const newestVersion = "2026.8.6";

/** Gives JLAM_IMAGE_AUTHENTIK. */
const imageName = "authentik";

/** The host on which people sign in. */
export const host = "auth";

export const programs = { blueprints: "authentik-blueprints", server: "authentik-server", worker: "authentik-worker" } as const;

export const database = postgres("auth", {
  owner: "platform",
  holds: "identity-data",
  zone: "identity",
  backup: backedUp({ loseAtMost: "24h", recoverWithin: "10m" }),
});

/** Written by the first start, read by both programs. */
const files = volume("authentik-data", {
  holds: "identity-data",
  backup: notBackedUp("holds the brand's pictures only, which the repository has"),
});

export const ports = { http: 9000, metrics: 9300 } as const;
const endpoint: Endpoint = { kind: "endpoint", service: programs.server, port: "http", number: ports.http };

const common = {
  owner: "platform",
  zone: "identity",
  holds: "identity-data",
  // Its TMPDIR, and what PostgreSQL's and Python's shared pieces need: 512 MiB in Authentik's own Compose file.
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
  AUTHENTIK_DISABLE_UPDATE_CHECK: true,
  AUTHENTIK_DISABLE_STARTUP_ANALYTICS: true,
  AUTHENTIK_ERROR_REPORTING__ENABLED: false,
  AUTHENTIK_ERROR_REPORTING__ENVIRONMENT: environmentName(),
  AUTHENTIK_OUTPOSTS__DISCOVER: false,
  AUTHENTIK_AVATARS: "initials",
  // Seconds after the last attempt; the page on which somebody is refused says an hour. Authentik's own default is a day.
  AUTHENTIK_REPUTATION__EXPIRY: 3600,
  // The session of somebody who hasn't signed in yet holds what they typed, such as their name and address while they
  // become a member, and no request can remove it. Authentik keeps it for a day; a mail's link holds half an hour.
  AUTHENTIK_SESSIONS__UNAUTHENTICATED_AGE: "hours=2",
  TMPDIR: "/dev/shm",
  // Without these the server keeps up to 2 GiB of freed memory (goauthentik/authentik#25683).
  MALLOC_ARENA_MAX: 2,
  MALLOC_TRIM_THRESHOLD_: 131_072,
} as const;

const mailSettings = {
  AUTHENTIK_EMAIL__HOST: from("mail", "host"),
  AUTHENTIK_EMAIL__PORT: from("mail", "port"),
  AUTHENTIK_EMAIL__FROM: from("mail", "from"),
  AUTHENTIK_EMAIL__USE_SSL: from("mail", "encrypted"),
  AUTHENTIK_EMAIL__USERNAME: from("mail", "user"),
  AUTHENTIK_EMAIL__PASSWORD: from("mail", "passwordFile", { prefix: "file://" }),
} as const;

/** Each thread holds connections to the database, of which a managed one has few. */
const workerSettings = {
  AUTHENTIK_WORKER__THREADS: 2,
  // A mail's task holds the address and the text. Authentik keeps done tasks for a month, and no request removes them.
  AUTHENTIK_WORKER__TASK_EXPIRATION: "hours=1",
  AUTHENTIK_WORKER__TASK_PURGE_INTERVAL: "minutes=10",
} as const;

const connections = {
  // Authentik migrates its own schema at start, so it has to own it.
  database: to(database, { as: "owner", because: "people, groups and events are kept there" }),
  mail: to(outgoingMail, { because: "sends enrolment and recovery mail" }),
} as const;

/**
 * Up to ten minutes for a start (Authentik's own helm chart allows as much). Each question starts Python, a second of a
 * processor: asked every second, it would take from the start what the start needs.
 */
const healthy = exec(["ak", "healthcheck"], { interval: "30s", timeout: "30s", startPeriod: "10m", startInterval: "10s" });

/** Authentik knows no way back, and asks that no release is left out (docs.goauthentik.io/installation/upgrade). */
const upgrades = oneByOne("Authentik", { releases, database });

/** One value in both programs: each reads cookies and tokens that the other signed. */
const secrets = { SECRET_KEY: generated({ bytes: 50, sharedAs: "authentik-secret-key" }) } as const;

/** What a release reads beside that. */
const newerSettings = (release: keyof typeof capabilities) => ({
  ...(capabilities[release].trustsListedProxies && { AUTHENTIK_LISTEN__TRUSTED_PROXY_CIDRS: frontRanges() }),
  ...(capabilities[release].hasBaseUrl && { AUTHENTIK_WEB__BASE_URL: url(host) }),
});

/** Sessions and tasks of releases before 2025.10. On a network with nobody else, so it asks for no password. */
const legacyRedis = () =>
  service("authentik-redis", {
    owner: "platform",
    zone: "identity",
    holds: "session-data",
    image: redisServer,
    user: "999:1000",
    command: ["redis-server", "--save", "", "--appendonly", "no", "--protected-mode", "no"],
    ports: { redis: 6379 },
    health: exec(["redis-cli", "ping"], { interval: "5s" }),
    resources: { memory: "128M", cpus: 0.25 },
  });

/** The services and routes of one version among the services around it. */
function authentik(version: string, around: Surroundings) {
  const release = versionOf(version) ?? newestRelease;
  // Server and worker must be of one version (goauthentik/authentik#8932).
  const program = image(imageName, `ghcr.io/goauthentik/server:${version}`, { registryOnly: true });
  const redis = capabilities[release].needsRedis ? legacyRedis() : undefined;
  const connectsRedis = { ...(redis && { redis: to(redis.ports.redis, { because: "keeps sessions and tasks there" }) }) };
  const connects = { ...connections, ...connectsRedis };
  const base = { ...settings, ...(redis && { AUTHENTIK_REDIS__HOST: redis.name }) };
  // The job has migrated; to ask again at each start takes Python a while, one program after the other. Read since 2026.2.
  const shared = { ...base, ...mailSettings, ...newerSettings(release), AUTHENTIK_SKIP_MIGRATIONS: true };
  const signIns = signInsOf(around, host);
  const blueprints = blueprintFiles({ signIns, retired, release });

  // Alone with the secrets of clients and of the first administrator, and with nothing to do once it has ended.
  const prepared = job(programs.blueprints, {
    ...common,
    image: program,
    entrypoint: preparationCommand(Object.keys(blueprints).map((name) => `${blueprintFolder}/${name}`)),
    connects: { database: connections.database, ...connectsRedis },
    secrets: {
      ...secrets,
      [administratorPassword]: generated({ bytes: 24, forPeople: `the password of Authentik's first administrator, ${firstAdministrator}` }),
      ...signInSecrets(signIns),
    },
    settings: base,
    mounts: {
      [preparationPath]: text(preparation),
      // A stage may name only a template that is there.
      [templateFolder]: directory(mailTemplates),
      // One by one: what changes in a file starts the job anew, what changes in a directory doesn't.
      ...Object.fromEntries(Object.entries(blueprints).map(([name, content]) => [`/blueprints/${blueprintFolder}/${name}`, content])),
    },
    resources: { memory: "1G", cpus: 1, pids: 512 },
  });

  const worker = service(programs.worker, {
    ...common,
    image: program,
    command: ["worker"],
    ports: { metrics: ports.metrics },
    health: healthy,
    connects,
    startsAfter: [prepared.completed],
    secrets,
    settings: { ...shared, ...workerSettings },
    mounts: { [capabilities[release].dataPath]: files, [templateFolder]: directory(mailTemplates) },
    metrics: scrape("metrics", "/metrics"),
    resources: { memory: "1G", cpus: 1, pids: 512 },
    upgrades,
  });

  const server = service(programs.server, {
    ...common,
    image: program,
    command: ["server"],
    ports,
    health: healthy,
    connects,
    startsAfter: [prepared.completed],
    secrets,
    // By default it listens on IPv6, which these networks don't have (since 2026.5).
    settings: { ...shared, AUTHENTIK_LISTEN__HTTP: "0.0.0.0:9000" },
    mounts: { [capabilities[release].dataPath]: files, [templateFolder]: directory(mailTemplates) },
    metrics: scrape("metrics", "/metrics"),
    objectives: { availability: 0.999 },
    resources: { memory: "1G", cpus: 1, pids: 512 },
    upgrades,
  });

  return {
    services: redis ? [prepared, server, worker, redis] : [prepared, server, worker],
    routes: [
      route(server.ports.http, {
        host,
        openBecause: "people who sign in aren't signed in yet",
        // The flow executor makes many small calls; Authentik's own reputation policy slows guessing down.
        middlewares: [middleware("rate-limit", { rateLimit: { average: 200, period: "1s", burst: 400 } })],
      }),
    ],
    findings: [...versionFindings(version, server.at), ...retiredFindings(retired, signIns, server.at)],
  };
}

/** Every `signIn` of an environment is answered by this Authentik. */
export const signIn = stackProvider(identity, {
  endpoint,
  clients: { host, issuerPath: (client) => `/application/o/${client}/`, groups, tellsSignOuts: programs.worker, accountsPath: "/api/v3" },
  // In the proxy's own files, never on Authentik's labels: those vanish while it is unhealthy, and with them the wall.
  wall: { outpost: endpoint, outpostPath, middleware: signInMiddleware(`${endpoint.service}:${endpoint.number}`) },
});

/** An image that a machine has may be of another release, which reads other variables, volumes and blueprints. */
const versions: Versions = {
  image: imageName,
  supported: releases,
  make: (version) => (versionOf(version) === undefined ? undefined : authentikStack(version)),
};

/** The stack with another version than the newest, such as the one of an image that a machine has. */
export const authentikStack = (version: string) => stack("authentik", (around) => authentik(version, around), { versions });

export default authentikStack(newestVersion);

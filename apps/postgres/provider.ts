/** Who can provide a PostgreSQL database: a container of ours, or a managed server. */
import {
  betweenSets,
  bytes,
  containerProvider,
  coveredBy,
  credential,
  derived,
  duration,
  exec,
  image,
  originOf,
  outsideProvider,
  service,
  text,
  volume,
  withinMajor,
  type DurationInput,
  type Limits,
  type Provider,
  type Resource,
  type Role,
} from "@jlam/compose-dsl";
import { accessPaths, healthProbe, hostBasedAuthentication, identityMap } from "./access.ts";
import { databaseName, databaseRoles, loginName, roleKinds, roleName, type DatabaseName, type RoleKind } from "./roles.ts";
import { scramVerifier } from "./scram.ts";
import { startScript, startScriptCommand, startScriptPath } from "./start-script.ts";
import { replicationRole, streamingSettings } from "./streaming.ts";
import { asArguments, planMemory, tune } from "./tuning.ts";

/** The server that environments run; its major version is that of managed ones. */
export const postgresImage = image("postgres", "docker.io/library/postgres:17.7");

const verifierFiles = {
  owner: "/run/secrets/OWNER_VERIFIER",
  application: "/run/secrets/APPLICATION_VERIFIER",
  monitoring: "/run/secrets/MONITORING_VERIFIER",
  backup: "/run/secrets/BACKUP_VERIFIER",
} as const satisfies Record<RoleKind, string>;

/** Seconds after which changes are in a closed segment. Sending it takes a few more, so that less than two of these can't be promised. */
const segmentSeconds = 60;

/**
 * PostgreSQL in a container of ours, tuned from its limits, with its roles made at the first start.
 *
 * With `loseAtMost`, or where the database's own promise is below the time between two recovery sets, it lets its changes
 * be streamed.
 */
export function postgresContainer<const N extends string>(
  database: Resource<"postgres", N>,
  resources: Limits,
  options: { readonly loseAtMost?: DurationInput } = {},
): Provider<Resource<"postgres", N>> {
  const name = databaseName(database.name);
  const limits = { memoryBytes: bytes(resources.memory).bytes, cpus: resources.cpus };
  const memory = planMemory(limits);
  const promised = options.loseAtMost === undefined ? (database.backup.kind === "backed-up" ? database.backup.loseAtMost : undefined) : duration(options.loseAtMost);
  const loseAtMost = promised !== undefined && promised.ms < betweenSets.ms ? promised : undefined;
  const streams = loseAtMost !== undefined;
  const access = ["-c", `hba_file=${accessPaths.hostBasedAuthentication}`, "-c", `ident_file=${accessPaths.identityMap}`];
  const server = service(`postgres-${database.name}`, {
    owner: database.owner,
    zone: database.zone,
    holds: database.holds,
    image: postgresImage,
    user: "999:999",
    command: ["postgres", ...access, ...asArguments([...tune(limits), ...streamingSettings(streams ? segmentSeconds : undefined)])],
    ports: { postgres: 5432 },
    health: exec(healthProbe(name), { interval: "5s", startPeriod: "60s" }),
    secrets: {
      OWNER_VERIFIER: verifier(database, name, "owner"),
      APPLICATION_VERIFIER: verifier(database, name, "application"),
      MONITORING_VERIFIER: verifier(database, name, "monitoring"),
      BACKUP_VERIFIER: verifier(database, name, "backup"),
      ...(streams && { REPLICATION_VERIFIER: derived({ password: credential(database, "replication") }, ({ password }) => scramVerifier(replicationRole(name), password)) }),
    },
    settings: {
      // The image insists on a password for the superuser, who needs none (access.ts). The kernel gives it one that
      // nobody knows, and the start script takes it away again.
      POSTGRES_PASSWORD_FILE: "/proc/sys/kernel/random/uuid",
      // Checksums find a damaged page when it is read; the collation is the one that createDatabase explains.
      POSTGRES_INITDB_ARGS: "--data-checksums --encoding=UTF8 --locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C.UTF-8",
    },
    mounts: {
      "/var/lib/postgresql/data": volume(`postgres-${database.name}`, { holds: database.holds, backup: coveredBy(database) }),
      [startScriptPath]: text(startScript(name, databaseRoles(name, memory.maxConnections), verifierFiles, streams ? "/run/secrets/REPLICATION_VERIFIER" : undefined)),
      [accessPaths.hostBasedAuthentication]: text(hostBasedAuthentication(name, "internal-network", streams)),
      [accessPaths.identityMap]: text(identityMap()),
    },
    tmpfs: { "/var/run/postgresql": "1M" },
    sharedMemory: { bytes: memory.shmSize },
    resources,
    upgrades: withinMajor("PostgreSQL"),
    stopGrace: "60s",
  });
  return containerProvider(
    database,
    { service: server, endpoint: server.ports.postgres, user: userOf(name), facts: { name }, takesUpSecrets: startScriptCommand, loseAtMost },
    originOf(postgresContainer),
  );
}

/** PostgreSQL that a cloud provider runs; connections are encrypted and the server's name is verified. */
export function managedPostgres<const N extends string>(
  database: Resource<"postgres", N>,
  options: { readonly host: string; readonly port?: number; readonly tls: "verify-full" },
): Provider<Resource<"postgres", N>> {
  const name = databaseName(database.name);
  return outsideProvider(
    database,
    {
      host: options.host,
      port: options.port ?? 5432,
      tls: { kind: options.tls, certificateAuthority: "own" },
      // The roles are made by `jlam databases create-roles`, with passwords of this environment.
      passwords: "ours",
      user: userOf(name),
      facts: { name },
    },
    originOf(managedPostgres),
  );
}

/** What the server recognises a role's password by; the password itself stays outside the container. */
const verifier = (database: Resource<"postgres">, name: DatabaseName, kind: RoleKind) =>
  derived({ password: credential(database, kind) }, ({ password }) => scramVerifier(roleName(name, kind), password));

const userOf = (name: DatabaseName) => (role: Role, version = 1): string => {
  const kind = roleKinds.find((known) => known === role);
  return kind === undefined ? `${name}_${role}` : loginName(name, kind, version);
};

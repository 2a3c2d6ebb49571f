/** Who may connect from where: pg_hba.conf and pg_ident.conf of a PostgreSQL container. */
import { roleKinds, roleName } from "./roles.ts";
import type { DatabaseName } from "./roles.ts";
import { replicationAccess } from "./streaming.ts";

export const accessPaths = {
  hostBasedAuthentication: "/etc/postgresql/pg_hba.conf",
  identityMap: "/etc/postgresql/pg_ident.conf",
} as const;

/**
 * pg_hba.conf: the roles of the database with SCRAM and nothing else over the network, so that the superuser has no
 * network login; over the socket only the container's own user, who may take any role (`jlam psql` and the start script
 * come that way and need no password).
 *
 * @param encryption "tls" takes encrypted connections only; "internal-network" is for a container whose network never
 *   leaves the host
 * @param streams whether somebody copies the server and receives its changes
 */
export function hostBasedAuthentication(database: DatabaseName, encryption: "tls" | "internal-network", streams = false): string {
  const type = encryption === "tls" ? "hostssl" : "host";
  const logins = roleKinds.map((kind) => roleName(database, kind)).join(",");
  return [
    `# TYPE  DATABASE  USER  ADDRESS  METHOD`,
    `local all all peer map=operator`,
    `${type} ${database} ${logins} all scram-sha-256`,
    `${type} postgres ${roleName(database, "monitoring")} all scram-sha-256`,
    ...(streams ? [replicationAccess(database, type)] : []),
    ``,
  ].join("\n");
}

/** pg_ident.conf: the container's user `postgres` may be any role. */
export function identityMap(): string {
  return [`# MAP  SYSTEM-USER  DATABASE-USER`, `operator postgres all`, ``].join("\n");
}

/**
 * The container's health check, without a shell. Over TCP, because the server that runs during initialisation listens on
 * the socket only; as a role that pg_hba.conf knows, because a refused probe would fill the log.
 */
export function healthProbe(database: DatabaseName): readonly [string, ...string[]] {
  return ["pg_isready", "--quiet", "--host=127.0.0.1", `--dbname=${database}`, `--username=${roleName(database, "monitoring")}`];
}

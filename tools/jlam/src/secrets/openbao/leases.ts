/**
 * Database logins that OpenBao makes for a while and takes away again, from its database engine at `database/`. People and
 * jobs sign in with them; a service keeps one login for its life, whose name stands in its configuration.
 */
import { leasedLogin } from "@jlam/postgres/logins";
import { roleKinds, type DatabaseName, type RoleKind } from "@jlam/postgres/roles";
import { z } from "zod";
import type { Administrator } from "../../databases/create-roles.ts";
import { PersonError } from "../../terminal/failure.ts";
import { openBaoClient } from "./client.ts";
import type { OpenBao } from "./values.ts";

export interface LeasedCredentials {
  readonly user: string;
  readonly password: string;
  /** With which it is ended early. */
  readonly lease: string;
  /** Seconds from now until it ends. */
  readonly seconds: number;
}

/** A working day; a person asks for the next one tomorrow. */
const leaseTime = "8h";

const answer = z.object({ lease_id: z.string().min(1), lease_duration: z.number(), data: z.object({ username: z.string().min(1), password: z.string().min(1) }) });

/**
 * Tells OpenBao how to sign in on a database's server as its administrator, and what a login of each role may do. It may run
 * any number of times. OpenBao then holds the administrator's password, and sends the server no password of its own in
 * the clear: it makes SCRAM verifiers, as we do.
 *
 * @param tokenFile file of a token that may configure the engine
 */
export async function prepareLeases(server: OpenBao, environment: string, database: DatabaseName, administrator: Administrator, tokenFile: string | undefined): Promise<void> {
  const client = openBaoClient(server.address, tokenFile);
  const { host, port, user, password, maintenanceDatabase, tls } = administrator;
  const name = connectionName(environment, database);
  await client.write(`database/config/${name}`, {
    plugin_name: "postgresql-database-plugin",
    connection_url: `postgresql://{{username}}:{{password}}@${host}:${port}/${maintenanceDatabase}?sslmode=${tls.kind === "off" ? "disable" : "verify-full"}`,
    ...(tls.kind === "verify-full" && { tls_ca: tls.certificateAuthority }),
    username: user,
    password,
    password_authentication: "scram-sha-256",
    allowed_roles: roleKinds.map((kind) => roleOf(environment, database, kind)),
  });
  for (const kind of roleKinds) {
    const { create, revoke } = leasedLogin(database, kind);
    await client.write(`database/roles/${roleOf(environment, database, kind)}`, { db_name: name, creation_statements: create, revocation_statements: revoke, default_ttl: leaseTime, max_ttl: leaseTime });
  }
}

/** A login of its own for a role of a database. @throws PersonError where OpenBao doesn't know the database, or refuses the token */
export async function leaseLogin(server: OpenBao, environment: string, database: DatabaseName, kind: RoleKind, tokenFile: string | undefined): Promise<LeasedCredentials> {
  const path = `database/creds/${roleOf(environment, database, kind)}`;
  const given = await openBaoClient(server.address, tokenFile).read(path, answer);
  if (given === undefined) throw new PersonError(`OpenBao doesn't know the database "${database}" of ${environment}.`, { where: `${server.address}/v1/${path}`, fix: `\`jlam databases create-roles ${environment} ${database}\` tells it.` });
  return { user: given.data.username, password: given.data.password, lease: given.lease_id, seconds: given.lease_duration };
}

/** Ends a lease at once: the login is gone, and its sessions with it. */
export async function endLease(server: OpenBao, lease: string, tokenFile: string | undefined): Promise<void> {
  await openBaoClient(server.address, tokenFile).write("sys/leases/revoke", { lease_id: lease, sync: true });
}

const connectionName = (environment: string, database: DatabaseName): string => `${environment}-${database}`;
const roleOf = (environment: string, database: DatabaseName, kind: RoleKind): string => `${environment}-${database}-${kind}`;

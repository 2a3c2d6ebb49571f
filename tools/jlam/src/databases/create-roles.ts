/** Creates a database and its roles on a managed PostgreSQL server, as its administrator. */
import { databaseRoles, roleKinds, roleName, type DatabaseName, type RoleKind } from "@jlam/postgres/roles";
import { scramVerifier } from "@jlam/postgres/scram";
import {
  actForOwner,
  createDatabase,
  createRoles,
  databaseIsMissing,
  grantPrivileges,
  stopActingForOwner,
  verifierSetting,
} from "@jlam/postgres/statements";
import { Client } from "pg";
import { z } from "zod";
import { verifyRoles, type RoleFinding } from "./verify-roles.ts";

/** How the server's administrator connects. */
export interface Administrator {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** A database that is always there: `rdb` at Scaleway, `postgres` elsewhere. */
  readonly maintenanceDatabase: string;
  /** "off" is for a server on this machine; everywhere else the certificate and its name are verified. */
  readonly tls: { readonly kind: "off" } | { readonly kind: "verify-full"; readonly certificateAuthority: string };
}

/** What was done and what is true now. */
export interface CreatedRoles {
  /** False when the database was there already. */
  readonly databaseCreated: boolean;
  readonly findings: readonly RoleFinding[];
}

const shown = z.tuple([z.object({ max_connections: z.coerce.number().int() })]);

/**
 * Creates the database and its roles, or repairs them, and verifies the result. It may run any number of times; another
 * password in `passwords` is a rotation. Roles change in one transaction, privileges in a second one, because PostgreSQL
 * creates databases outside of transactions.
 *
 * The server gets SCRAM verifiers; no password leaves this process.
 *
 * @throws RangeError when a password can't be used; errors of the server and the network as `pg` throws them
 */
export async function createDatabaseRoles(
  administrator: Administrator,
  database: DatabaseName,
  passwords: Readonly<Record<RoleKind, string>>,
): Promise<CreatedRoles> {
  const verifiers = roleKinds.map((kind) => {
    const name = roleName(database, kind);
    return { name, verifier: scramVerifier(name, passwords[kind]) };
  });
  return connected(administrator, administrator.maintenanceDatabase, async (server) => {
    const [{ max_connections: maxConnections }] = shown.parse((await server.query("SHOW max_connections")).rows);
    await inTransaction(server, async () => {
      for (const { name, verifier } of verifiers) {
        await server.query("SELECT set_config($1, $2, true)", [verifierSetting({ name }), verifier]);
      }
      await server.query(createRoles(databaseRoles(database, maxConnections)));
    });
    await server.query(actForOwner(database));
    try {
      const databaseCreated = (await server.query(databaseIsMissing(database))).rowCount === 1;
      if (databaseCreated) await server.query(createDatabase(database));
      const findings = await connected(administrator, database, async (inside) => {
        await inTransaction(inside, () => inside.query(grantPrivileges(database)));
        await inside.query(stopActingForOwner(database));
        return verifyRoles(inside, database);
      });
      return { databaseCreated, findings };
    } catch (error) {
      await server.query(stopActingForOwner(database));
      throw error;
    }
  });
}

async function connected<T>(administrator: Administrator, database: string, work: (client: Client) => Promise<T>): Promise<T> {
  const { host, port, user, password, tls } = administrator;
  const client = new Client({
    host,
    port,
    user,
    password,
    database,
    application_name: "jlam databases create-roles",
    connectionTimeoutMillis: 10_000,
    query_timeout: 60_000,
    // Node verifies the chain and the name, which is what libpq calls verify-full. `host` is there for servers that are
    // named by their address: pg leaves that out, and the certificate would be held against "localhost".
    ssl: tls.kind === "verify-full" && { ca: tls.certificateAuthority, host },
  });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function inTransaction(client: Client, work: () => Promise<unknown>): Promise<void> {
  await client.query("BEGIN");
  try {
    await work();
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  }
}

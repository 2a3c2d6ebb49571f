/** The logins of a managed database while a password is rotated: opened, asked about and closed as its administrator. */
import { closeLogin, openLogin } from "@jlam/postgres/logins";
import { loginName, type DatabaseName, type RoleKind } from "@jlam/postgres/roles";
import { scramVerifier } from "@jlam/postgres/scram";
import { verifierSetting } from "@jlam/postgres/statements";
import { Client, DatabaseError } from "pg";
import { z } from "zod";
import type { Administrator } from "../../databases/create-roles.ts";

/** One login: that of a role's password in one version. */
export interface Login {
  readonly database: DatabaseName;
  readonly kind: RoleKind;
  readonly version: number;
}

export interface LoginServer {
  /** Opens it, or gives it this password again. Only the SCRAM verifier leaves this process. */
  open(login: Login, password: string): Promise<void>;
  /** Whether the password lets it in. */
  letsIn(login: Login, password: string): Promise<boolean>;
  /** How many sessions it has open. */
  sessions(login: Login): Promise<number>;
  /** Keeps it out from now on. One that never was stays so. */
  close(login: Login): Promise<void>;
}

const shown = z.tuple([z.object({ max_connections: z.coerce.number().int() })]);
const counted = z.tuple([z.object({ sessions: z.coerce.number().int() })]);

/** What PostgreSQL says to a wrong password, and to a login that is closed. */
const refusals = ["28P01", "28000"];

/** Errors of the server and the network are thrown as `pg` throws them. */
export function loginServer(administrator: Administrator): LoginServer {
  return {
    open: ({ database, kind, version }, password) =>
      asAdministrator(administrator, async (client) => {
        const name = loginName(database, kind, version);
        const [{ max_connections: maxConnections }] = shown.parse((await client.query("SHOW max_connections")).rows);
        await client.query("BEGIN");
        await client.query("SELECT set_config($1, $2, true)", [verifierSetting({ name }), scramVerifier(name, password)]);
        await client.query(openLogin(database, kind, version, maxConnections));
        await client.query("COMMIT");
      }),
    letsIn: async ({ database, kind, version }, password) => {
      const client = connection(administrator, { user: loginName(database, kind, version), password, database });
      try {
        await client.connect();
        return true;
      } catch (error) {
        if (error instanceof DatabaseError && refusals.includes(error.code ?? "")) return false;
        throw error;
      } finally {
        await client.end();
      }
    },
    sessions: ({ database, kind, version }) =>
      asAdministrator(administrator, async (client) => {
        const { rows } = await client.query("SELECT count(*) AS sessions FROM pg_stat_activity WHERE usename = $1", [loginName(database, kind, version)]);
        return counted.parse(rows)[0].sessions;
      }),
    close: ({ database, kind, version }) =>
      asAdministrator(administrator, async (client) => {
        const { rowCount } = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [loginName(database, kind, version)]);
        if (rowCount === 1) await client.query(closeLogin(database, kind, version));
      }),
  };
}

async function asAdministrator<T>(administrator: Administrator, work: (client: Client) => Promise<T>): Promise<T> {
  const { user, password, maintenanceDatabase: database } = administrator;
  const client = connection(administrator, { user, password, database });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const connection = ({ host, port, tls }: Administrator, login: { readonly user: string; readonly password: string; readonly database: string }): Client =>
  new Client({
    host,
    port,
    ...login,
    application_name: "jlam secrets rotate",
    connectionTimeoutMillis: 10_000,
    query_timeout: 60_000,
    // As `jlam databases create-roles` connects, and why.
    ssl: tls.kind === "verify-full" && { ca: tls.certificateAuthority, host },
  });

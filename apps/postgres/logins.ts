/** The SQL that opens and closes one login of a role, so that two versions of its password live beside each other. */
import { connectionLimits, loginName, roleName, roleSettings, type DatabaseName, type RoleKind } from "./roles.ts";
import { verifierSetting } from "./statements.ts";

/**
 * Opens the login that has this version of the role's password, or gives it the password again. It takes the SCRAM
 * verifier from the session setting {@link verifierSetting} of the login, as creating roles does. Runs in a transaction.
 *
 * The second login is a member of the role and begins each session as it (`SET role`): it owns nothing, what it makes
 * belongs to the role, and rights are given to one name alone. Limits of a session are the login's own in PostgreSQL, so
 * it gets the same.
 */
export function openLogin(database: DatabaseName, kind: RoleKind, version: number, maxConnections: number): string {
  const login = loginName(database, kind, version);
  const group = roleName(database, kind);
  const settings = Object.entries(roleSettings(kind)).map(([key, value]) => `  ALTER ROLE ${login} SET ${key} = '${value}';`);
  return [
    `DO $login$`,
    `DECLARE`,
    `  verifier text := current_setting('${verifierSetting({ name: login })}', true);`,
    `BEGIN`,
    `  IF verifier IS NULL OR verifier NOT LIKE 'SCRAM-SHA-256$%' THEN`,
    `    RAISE EXCEPTION 'no SCRAM verifier was given for login ${login}';`,
    `  END IF;`,
    ...(login === group
      ? []
      : [
          `  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${login}') THEN`,
          `    CREATE ROLE ${login};`,
          `  END IF;`,
          `  GRANT ${group} TO ${login} WITH INHERIT TRUE, SET TRUE;`,
          `  ALTER ROLE ${login} SET role = '${group}';`,
        ]),
    `  EXECUTE format('ALTER ROLE ${login} LOGIN CONNECTION LIMIT ${connectionLimits(maxConnections)[kind]} PASSWORD %L', verifier);`,
    ...settings,
    `END`,
    `$login$;`,
  ].join("\n");
}

/** Keeps a login out from now on. Sessions that it has open stay. */
export const closeLogin = (database: DatabaseName, kind: RoleKind, version: number): string => `ALTER ROLE ${loginName(database, kind, version)} NOLOGIN PASSWORD NULL`;

/** Connections of one lease: somebody's psql, or a job with a few workers. */
const leaseConnections = 5;

/** The SQL with which somebody else, such as OpenBao, makes and ends logins of its own. */
export interface LeasedLogin {
  /** `{{name}}`, `{{password}}` and `{{expiration}}` stand for what the lease says. */
  readonly create: readonly string[];
  readonly revoke: readonly string[];
}

/**
 * A login for one lease: a member of the role that begins its sessions as it, so that it owns nothing and can be dropped.
 * At the end its sessions are ended too; for that the administrator becomes a member, who as its creator may.
 */
export function leasedLogin(database: DatabaseName, kind: RoleKind): LeasedLogin {
  const group = roleName(database, kind);
  return {
    create: [
      `CREATE ROLE "{{name}}" LOGIN CONNECTION LIMIT ${leaseConnections} PASSWORD '{{password}}' VALID UNTIL '{{expiration}}' IN ROLE ${group}`,
      `ALTER ROLE "{{name}}" SET role = '${group}'`,
      ...Object.entries(roleSettings(kind)).map(([key, value]) => `ALTER ROLE "{{name}}" SET ${key} = '${value}'`),
    ],
    revoke: [
      `ALTER ROLE "{{name}}" NOLOGIN`,
      `GRANT "{{name}}" TO CURRENT_USER WITH INHERIT TRUE`,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{{name}}'`,
      `DROP ROLE IF EXISTS "{{name}}"`,
    ],
  };
}

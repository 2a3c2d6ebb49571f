/** What each login of a database may do: the facts from which the SQL, the access rules and the checks are made. */

/** The four logins that every database has; `<database>_<kind>` is the role's name. */
export const roleKinds = ["owner", "application", "monitoring", "backup"] as const;
export type RoleKind = (typeof roleKinds)[number];

/** The name of a database that {@link databaseName} has accepted. */
export type DatabaseName = string & { readonly __databaseName: true };

/** One login of a database, with the limits that the server holds it to. */
export interface DatabaseRole {
  readonly kind: RoleKind;
  /** Name of the PostgreSQL role, such as `app_application`. */
  readonly name: string;
  /** Connections it may hold at once. */
  readonly connectionLimit: number;
  /** A predefined PostgreSQL role whose rights it has, where it has one. */
  readonly memberOf: "pg_monitor" | undefined;
  /** Reads rows that row-level security would hide. */
  readonly bypassRowSecurity: boolean;
  /** Server settings with which its sessions begin. They guard against accidents; a session may change its own. */
  readonly settings: Readonly<Record<string, string>>;
}

const validName = /^[a-z][a-z0-9_]{0,39}$/;

function isDatabaseName(name: string): name is DatabaseName {
  return validName.test(name);
}

/**
 * Accepts a name that is safe to write in SQL, in pg_hba.conf and in a path without quoting: lower-case letters, digits
 * and underscores, at most 40 characters, so that `<name>_application` stays below PostgreSQL's limit of 63 bytes.
 *
 * @throws RangeError when the name is anything else
 */
export function databaseName(name: string): DatabaseName {
  if (isDatabaseName(name)) return name;
  throw new RangeError(
    `"${name}" can't be the name of a database: use lower-case letters, digits and underscores, ` +
      `begin with a letter, and stay within 40 characters.`,
  );
}

/** The name of one role of a database, such as `app_backup`. */
export function roleName(database: DatabaseName, kind: RoleKind): string {
  return `${database}_${kind}`;
}

/**
 * The login that has a given version of a role's password. PostgreSQL keeps one password per role, so two versions live
 * beside each other as two logins: the role itself has the odd ones, and a member of it the even ones.
 */
export function loginName(database: DatabaseName, kind: RoleKind, version: number): string {
  return version % 2 === 1 ? roleName(database, kind) : `${roleName(database, kind)}_2`;
}

/** PostgreSQL keeps this many connections for superusers (its own default for superuser_reserved_connections). */
export const superuserConnections = 3;

/**
 * Divides a server's connections among the roles: the exporter gets two (one scrape may overlap the next), a backup three
 * (pg_dump, the snapshot that it reads, and the look at who was erased, which doesn't wait for them). Owner and application may each take the rest but two, since one of them does the
 * daily work and the other next to nothing: our application runs as `application`, Authentik migrates and works as `owner`.
 *
 * @throws RangeError when fewer than twelve connections are to be divided
 */
export function connectionLimits(maxConnections: number): Readonly<Record<RoleKind, number>> {
  if (maxConnections < 12) {
    throw new RangeError(`${maxConnections} connections are too few to divide among the roles: 12 is the least.`);
  }
  const monitoring = 2;
  const backup = 3;
  const spare = 2;
  const large = maxConnections - superuserConnections - monitoring - backup - spare;
  return { owner: large, application: large, monitoring, backup };
}

/**
 * The logins of one database with the least that each needs.
 *
 * - owner: owns the database and its schema, and so changes tables. For migrations, and for programs that migrate
 *   themselves at start.
 * - application: reads and changes rows; creates nothing.
 * - monitoring: server statistics (pg_monitor) and no row of any table.
 * - backup: reads every table, writes none. BYPASSRLS, because pg_dump refuses a table whose row-level security would
 *   hide rows from it. No REPLICATION: it is for pg_basebackup and streaming WAL, which copy every database of the
 *   server with all passwords' verifiers, while our backups are dumps of one database.
 */
export function databaseRoles(database: DatabaseName, maxConnections: number): readonly DatabaseRole[] {
  const limits = connectionLimits(maxConnections);
  return roleKinds.map((kind) => ({
    kind,
    name: roleName(database, kind),
    connectionLimit: limits[kind],
    ...rights(kind),
  }));
}

/** Server settings with which sessions of a role begin; a login that acts for the role needs them as its own. */
export const roleSettings = (kind: RoleKind): DatabaseRole["settings"] => rights(kind).settings;

function rights(kind: RoleKind): Pick<DatabaseRole, "memberOf" | "bypassRowSecurity" | "settings"> {
  switch (kind) {
    case "owner":
      // No time limit: a migration may have to rewrite a large table.
      return { memberOf: undefined, bypassRowSecurity: false, settings: {} };
    case "application":
      return {
        memberOf: undefined,
        bypassRowSecurity: false,
        settings: { statement_timeout: "30s", idle_in_transaction_session_timeout: "60s" },
      };
    case "monitoring":
      return {
        memberOf: "pg_monitor",
        bypassRowSecurity: false,
        settings: { default_transaction_read_only: "on", statement_timeout: "10s" },
      };
    case "backup":
      return {
        memberOf: undefined,
        bypassRowSecurity: true,
        settings: { default_transaction_read_only: "on" },
      };
    default:
      return kind satisfies never;
  }
}

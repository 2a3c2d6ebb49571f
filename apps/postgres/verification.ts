/** Questions to a server whose answers show whether each role can, and can't, do what it should. */
import { roleKinds, roleName } from "./roles.ts";
import type { DatabaseName, RoleKind } from "./roles.ts";

/** One thing that must be true of a role. `holds` is a boolean expression in SQL, for a connection to the database. */
export interface Claim {
  readonly role: string;
  /** What must be true, to be read after the role's name: "can't create tables". */
  readonly claim: string;
  readonly holds: string;
  /** What to do when it isn't true. */
  readonly remedy: string;
}

const rerun = "Run `jlam databases create-roles` again; if it stays, somebody granted this by hand: revoke it.";

/** Everything that must be true of the roles of a database, in the order in which it is printed. */
export function claims(database: DatabaseName): readonly Claim[] {
  return roleKinds.flatMap((kind) => {
    const role = roleName(database, kind);
    return [...claimsOfAll(role), ...claimsOf(kind, database, role)].map((claim) => ({ role, ...claim }));
  });
}

type Unnamed = Omit<Claim, "role">;

/** One query for all claims, with a row (role, claim, remedy, holds) for each. */
export function claimsQuery(database: DatabaseName): string {
  return claims(database)
    .map(({ role, claim, remedy, holds }) => `SELECT ${literal(role)} AS role, ${literal(claim)} AS claim, ${literal(remedy)} AS remedy, (${holds}) AS holds`)
    .join("\nUNION ALL\n");
}

/** The query that names those roles of the database that don't exist; the claims can't be asked before it is empty. */
export function missingRolesQuery(database: DatabaseName): string {
  const names = roleKinds.map((kind) => `(${literal(roleName(database, kind))})`).join(", ");
  return `SELECT name FROM (VALUES ${names}) AS wanted(name) WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)`;
}

function claimsOfAll(role: string): readonly Unnamed[] {
  return [
    {
      claim: "can log in, and has no power over the server",
      holds: `SELECT rolcanlogin AND NOT (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication) FROM pg_roles WHERE rolname = ${literal(role)}`,
      remedy: rerun,
    },
    {
      claim: "has a limit of connections",
      holds: `SELECT rolconnlimit > 0 FROM pg_roles WHERE rolname = ${literal(role)}`,
      remedy: rerun,
    },
    {
      claim: "can't read the passwords' verifiers",
      holds: `NOT has_table_privilege(${literal(role)}, 'pg_catalog.pg_authid', 'SELECT')`,
      remedy: rerun,
    },
    {
      claim: "can't run programs or read files of the server",
      holds: `NOT (${["pg_execute_server_program", "pg_read_server_files", "pg_write_server_files"].map((power) => `pg_has_role(${literal(role)}, '${power}', 'MEMBER')`).join(" OR ")})`,
      remedy: rerun,
    },
  ];
}

function claimsOf(kind: RoleKind, database: DatabaseName, role: string): readonly Unnamed[] {
  const others = roleKinds.filter((other) => other !== kind).map((other) => roleName(database, other));
  const isNoneOf = {
    claim: "can't act as another role of the database",
    holds: `NOT (${others.map((other) => `pg_has_role(${literal(role)}, ${literal(other)}, 'MEMBER')`).join(" OR ")})`,
    remedy: rerun,
  };
  const createsNothing = {
    claim: "can't create tables or schemas",
    holds:
      `NOT has_database_privilege(${literal(role)}, ${literal(database)}, 'CREATE') AND ` +
      `NOT EXISTS (SELECT FROM pg_namespace WHERE nspname !~ '^pg_' AND has_schema_privilege(${literal(role)}, oid, 'CREATE'))`,
    remedy: rerun,
  };
  switch (kind) {
    case "owner":
      return [
        isNoneOf,
        {
          claim: "owns the database",
          holds: `SELECT datdba = ${literal(role)}::regrole FROM pg_database WHERE datname = ${literal(database)}`,
          remedy: "Somebody else made the database. Where it is empty, drop it and let `jlam databases create-roles` make it.",
        },
        {
          claim: "owns every table, view and sequence",
          holds: `NOT EXISTS (SELECT FROM pg_class WHERE ${isOurs} AND relkind IN ('r', 'p', 'v', 'm', 'S') AND relowner <> ${literal(role)}::regrole)`,
          remedy: "Give the others to the owner role with ALTER TABLE … OWNER TO; migrations run as the owner only.",
        },
        othersKeptOut(database),
      ];
    case "application":
      return [
        isNoneOf,
        createsNothing,
        everyTable("reads and changes rows of every table", role, ["SELECT", "INSERT", "UPDATE", "DELETE"]),
        {
          claim: "can't empty a table or add triggers to it",
          holds: noTable(role, ["TRUNCATE", "TRIGGER"]),
          remedy: rerun,
        },
        {
          claim: "has a time limit for statements",
          holds: `SELECT coalesce(bool_or(setting LIKE 'statement_timeout=%'), false) FROM pg_roles, unnest(rolconfig) AS setting WHERE rolname = ${literal(role)}`,
          remedy: rerun,
        },
      ];
    case "monitoring":
      return [
        isNoneOf,
        createsNothing,
        {
          claim: "sees the statistics of all sessions",
          holds: `pg_has_role(${literal(role)}, 'pg_monitor', 'USAGE')`,
          remedy: `The administrator may not grant pg_monitor. Ask the provider for \`GRANT pg_monitor TO ${role}\`; until then it sees its own sessions only.`,
        },
        {
          claim: "reads and writes no table",
          holds: noTable(role, ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"]),
          remedy: rerun,
        },
      ];
    case "backup":
      return [
        isNoneOf,
        createsNothing,
        everyTable("reads every table", role, ["SELECT"]),
        {
          claim: "writes no table",
          holds: noTable(role, ["INSERT", "UPDATE", "DELETE", "TRUNCATE"]),
          remedy: rerun,
        },
        {
          claim: "reads all rows of every table, also where row-level security hides some",
          holds:
            `(SELECT rolbypassrls FROM pg_roles WHERE rolname = ${literal(role)}) OR ` +
            `NOT EXISTS (SELECT FROM pg_class WHERE relrowsecurity AND ${isOurs})`,
          remedy: `A table has row-level security and the administrator may not grant BYPASSRLS. Ask the provider for \`ALTER ROLE ${role} BYPASSRLS\`: without it pg_dump fails.`,
        },
      ];
    default:
      return kind satisfies never;
  }
}

function othersKeptOut(database: DatabaseName): Unnamed {
  return {
    claim: "shares its database with nobody outside these roles",
    holds:
      `NOT EXISTS (SELECT FROM pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) ` +
      `WHERE datname = ${literal(database)} AND grantee = 0)`,
    remedy: `Everyone may connect (PUBLIC). ${rerun}`,
  };
}

function everyTable(claim: string, role: string, privileges: readonly string[]): Unnamed {
  const all = privileges.map((privilege) => `has_table_privilege(${literal(role)}, oid, '${privilege}')`).join(" AND ");
  return { claim, holds: `NOT EXISTS (SELECT FROM pg_class WHERE ${isTable} AND NOT (${all}))`, remedy: rerun };
}

function noTable(role: string, privileges: readonly string[]): string {
  return `NOT EXISTS (SELECT FROM pg_class WHERE ${isTable} AND has_schema_privilege(${literal(role)}, relnamespace, 'USAGE') AND has_table_privilege(${literal(role)}, oid, '${privileges.join(", ")}'))`;
}

/** Tables of ours: those of the system's own schemas have rules of their own. */
const isOurs = "relnamespace::regnamespace::text !~ '^(pg_|information_schema$)'";
const isTable = `relkind IN ('r', 'p', 'm') AND ${isOurs}`;

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

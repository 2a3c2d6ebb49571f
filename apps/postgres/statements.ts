/** The SQL that creates or repairs the roles of a database. All of it may run any number of times. */
import { roleName } from "./roles.ts";
import type { DatabaseName, DatabaseRole } from "./roles.ts";

/**
 * The session setting from which the SQL takes a role's SCRAM verifier, so that no text here ever holds one.
 * Set it with `SELECT set_config('jlam.app_owner', …, false)` before {@link createRoles}.
 */
export function verifierSetting(role: Pick<DatabaseRole, "name">): string {
  return `jlam.${role.name}`;
}

/** Columns of pg_roles that no role of ours may have set, with the words that take the attribute away. */
const powers = { rolsuper: "NOSUPERUSER", rolcreatedb: "NOCREATEDB", rolcreaterole: "NOCREATEROLE", rolreplication: "NOREPLICATION" };

/**
 * Creates the roles, or brings existing ones back to what they should be. Runs in a transaction, in any database.
 *
 * It works for a superuser (the container) and for the administrator of a managed server, who is none. What such an
 * administrator may not give away (pg_monitor, BYPASSRLS) is left out instead of failing, and the verification names it.
 * Attributes are only revoked where a role has them, since PostgreSQL refuses even NOSUPERUSER from anyone but a superuser.
 *
 * Only SCRAM verifiers are accepted as passwords: a server that logs statements, or pg_stat_statements, would otherwise
 * keep the password itself.
 */
export function createRoles(roles: readonly DatabaseRole[]): string {
  return roles.map(createRole).join("\n");
}

function createRole(role: DatabaseRole): string {
  const settings = Object.entries(role.settings).map(([key, value]) => `  ALTER ROLE ${role.name} SET ${key} = '${value}';`);
  const membership = role.memberOf === undefined ? [] : [
    `  IF pg_has_role(current_user, '${role.memberOf}', 'MEMBER WITH ADMIN OPTION') THEN`,
    `    GRANT ${role.memberOf} TO ${role.name};`,
    `  END IF;`,
  ];
  const unwanted = role.bypassRowSecurity ? powers : { ...powers, rolbypassrls: "NOBYPASSRLS" };
  const revocations = Object.entries(unwanted).flatMap(([column, words]) => [
    `  IF (SELECT ${column} FROM pg_roles WHERE rolname = '${role.name}') THEN`,
    `    ALTER ROLE ${role.name} ${words};`,
    `  END IF;`,
  ]);
  const bypass = role.bypassRowSecurity ? [
    `  IF (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user) THEN`,
    `    ALTER ROLE ${role.name} BYPASSRLS;`,
    `  END IF;`,
  ] : [];
  return [
    `DO $role$`,
    `DECLARE`,
    `  verifier text := current_setting('${verifierSetting(role)}', true);`,
    `BEGIN`,
    `  IF verifier IS NULL OR verifier NOT LIKE 'SCRAM-SHA-256$%' THEN`,
    `    RAISE EXCEPTION 'no SCRAM verifier was given for role ${role.name}'`,
    `      USING HINT = 'Its secret file is missing, empty, or holds a plain password.';`,
    `  END IF;`,
    `  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${role.name}') THEN`,
    `    CREATE ROLE ${role.name};`,
    `  END IF;`,
    `  EXECUTE format('ALTER ROLE ${role.name} LOGIN CONNECTION LIMIT ${role.connectionLimit} PASSWORD %L', verifier);`,
    ...revocations,
    ...bypass,
    ...membership,
    `  ALTER ROLE ${role.name} RESET ALL;`,
    ...settings,
    `END`,
    `$role$;`,
  ].join("\n");
}

/** Yields one row when the database is still to be created, none when it is there. */
export function databaseIsMissing(database: DatabaseName): string {
  return `SELECT 1 AS missing WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '${database}')`;
}

/**
 * Creates the database, owned by its owner role. Can't run in a transaction, and fails when the database is there.
 *
 * PostgreSQL's own C.UTF-8 collation is asked for everywhere, so that local, the registry's image and a managed server
 * sort alike, and no update of the operating system's locale data can corrupt an index.
 */
export function createDatabase(database: DatabaseName): string {
  return (
    `CREATE DATABASE ${database} OWNER ${roleName(database, "owner")} TEMPLATE template0 ENCODING 'UTF8' ` +
    `LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C.UTF-8'`
  );
}

/**
 * Lets the administrator of a managed server act for the owner, which creating its database and setting its default
 * privileges needs. A superuser can already, and is left alone.
 */
export function actForOwner(database: DatabaseName): string {
  const owner = roleName(database, "owner");
  return unlessSuperuser(`GRANT ${owner} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE;`);
}

/** Takes back what {@link actForOwner} gave. */
export function stopActingForOwner(database: DatabaseName): string {
  const owner = roleName(database, "owner");
  return unlessSuperuser(`REVOKE ${owner} FROM CURRENT_USER GRANTED BY CURRENT_USER;`);
}

function unlessSuperuser(statement: string): string {
  return [
    `DO $$ BEGIN`,
    `  IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN`,
    `    ${statement}`,
    `  END IF;`,
    `END $$;`,
  ].join("\n");
}

/**
 * Gives each role what it may do inside the database, now and for what migrations add later, in every schema of the
 * owner. Runs in a transaction, connected to that database, as a superuser or between {@link actForOwner} and
 * {@link stopActingForOwner}.
 *
 * The backup's right to read comes from here and not from the predefined role pg_read_all_data, which reads pg_authid
 * too, the verifiers of all passwords. The application gets no TRUNCATE, which would skip row triggers and row-level
 * security, and no TEMP. Functions lose PostgreSQL's default of being callable by everyone, so that a SECURITY DEFINER
 * function is not a hole.
 */
export function grantPrivileges(database: DatabaseName): string {
  const owner = roleName(database, "owner");
  const application = roleName(database, "application");
  const monitoring = roleName(database, "monitoring");
  const backup = roleName(database, "backup");
  const rights = [
    ["USAGE", "SCHEMA", "SCHEMAS", `${application}, ${backup}`],
    ["SELECT, INSERT, UPDATE, DELETE", "ALL TABLES IN SCHEMA", "TABLES", application],
    ["USAGE, SELECT", "ALL SEQUENCES IN SCHEMA", "SEQUENCES", application],
    ["EXECUTE", "ALL ROUTINES IN SCHEMA", "ROUTINES", application],
    ["SELECT", "ALL TABLES IN SCHEMA", "TABLES", backup],
    ["SELECT", "ALL SEQUENCES IN SCHEMA", "SEQUENCES", backup],
  ] as const;
  return [
    `REVOKE ALL ON DATABASE ${database} FROM PUBLIC;`,
    `GRANT CONNECT ON DATABASE ${database} TO ${application}, ${monitoring}, ${backup};`,
    `REVOKE ALL ON SCHEMA public FROM PUBLIC;`,
    `GRANT USAGE, CREATE ON SCHEMA public TO ${owner};`,
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} REVOKE EXECUTE ON ROUTINES FROM PUBLIC;`,
    ...rights.map(([right, , kind, roles]) => `ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} GRANT ${right} ON ${kind} TO ${roles};`),
    `DO $schemas$`,
    `DECLARE`,
    `  schema name;`,
    `BEGIN`,
    `  FOR schema IN SELECT nspname FROM pg_namespace WHERE nspname = 'public' OR nspowner = '${owner}'::regrole LOOP`,
    ...rights.map(([right, existing, , roles]) => `    EXECUTE format('GRANT ${right} ON ${existing} %I TO ${roles}', schema);`),
    `  END LOOP;`,
    `END`,
    `$schemas$;`,
  ].join("\n");
}

/**
 * Closes the databases that a new server has open to everyone, and puts query statistics where only monitoring reaches
 * them. For a superuser (the container), connected to the database `postgres`.
 *
 * pg_stat_statements is the only extension: monitoring needs it to see slow queries without logging statements. It is
 * made in `postgres`, not in the application's database, so that dumps of the latter restore without a superuser.
 * pgcrypto is not needed: gen_random_uuid() is part of PostgreSQL, and keys belong in no statement.
 */
export function closeServer(database: DatabaseName): string {
  const monitoring = roleName(database, "monitoring");
  return [
    `REVOKE ALL ON DATABASE postgres FROM PUBLIC;`,
    `REVOKE ALL ON DATABASE template1 FROM PUBLIC;`,
    `REVOKE ALL ON SCHEMA public FROM PUBLIC;`,
    `GRANT CONNECT ON DATABASE postgres TO ${monitoring};`,
    `CREATE SCHEMA IF NOT EXISTS monitoring;`,
    `CREATE EXTENSION IF NOT EXISTS pg_stat_statements SCHEMA monitoring;`,
    `GRANT USAGE ON SCHEMA monitoring TO ${monitoring};`,
    `ALTER ROLE ${monitoring} IN DATABASE postgres SET search_path = monitoring, public;`,
  ].join("\n");
}

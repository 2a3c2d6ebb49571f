/** The psql script with which a PostgreSQL container makes its database and roles. */
import type { DatabaseName, DatabaseRole, RoleKind } from "./roles.ts";
import { createReplicationRole, replicationRole } from "./streaming.ts";
import { closeServer, createDatabase, createRoles, databaseIsMissing, grantPrivileges, verifierSetting } from "./statements.ts";

/** Where the container finds the script. The image's entry point hands `*.sql` files there to psql at the first start. */
export const startScriptPath = "/docker-entrypoint-initdb.d/10-roles.sql";

/** Runs the script again in a running container (as its user 999), after a rotation or a change of the roles. */
export const startScriptCommand = [
  "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--username=postgres", "--dbname=postgres",
  `--file=${startScriptPath}`,
] as const;

/**
 * The script: roles, database, privileges, and no password for the superuser, who is reached through the container's
 * socket only. It may run again at any time.
 *
 * The verifiers come from secret files when it runs. They are no passwords: what the server needs to recognise a
 * password can't be used to log in, so the container of the database holds no login at all.
 *
 * @param verifierFiles absolute paths in the container of the files with each role's SCRAM verifier
 * @param replicationVerifierFile the same of the login that streams changes; undefined where nobody does
 */
export function startScript(
  database: DatabaseName,
  roles: readonly DatabaseRole[],
  verifierFiles: Readonly<Record<RoleKind, string>>,
  replicationVerifierFile?: string,
): string {
  const takeVerifier = (role: string, path: string): readonly string[] => [
    `\\set verifier \`cat ${path}\``,
    `SELECT set_config('${verifierSetting({ name: role })}', :'verifier', false) AS verifier \\gset`,
  ];
  return [
    `-- Creates the database "${database}" and its roles, or repairs them. It may run at any time.`,
    `\\set ON_ERROR_STOP on`,
    `SET client_min_messages = warning;`,
    ...roles.flatMap((role) => takeVerifier(role.name, verifierFiles[role.kind])),
    ...(replicationVerifierFile === undefined ? [] : takeVerifier(replicationRole(database), replicationVerifierFile)),
    ``,
    `BEGIN;`,
    createRoles(roles),
    ...(replicationVerifierFile === undefined ? [] : [createReplicationRole(database)]),
    closeServer(database),
    `ALTER ROLE postgres PASSWORD NULL;`,
    `COMMIT;`,
    ``,
    `SELECT EXISTS (${databaseIsMissing(database)}) AS missing \\gset`,
    `\\if :missing`,
    `${createDatabase(database)};`,
    `\\endif`,
    ``,
    `\\connect ${database}`,
    `BEGIN;`,
    grantPrivileges(database),
    `COMMIT;`,
    ``,
  ].join("\n");
}

/** Puts a database of a set in the place of the one that is there: beside it first, and never half. */
import type { Manifest } from "@jlam/backup/manifest";
import { execa, ExecaError } from "execa";
import { listContainers } from "../runtime/containers.ts";
import type { Project } from "../runtime/project.ts";
import { PersonError } from "../terminal/failure.ts";
import { wordsOf, type Called, type SetReader } from "./reader.ts";

type Saved = Manifest["databases"][number];

export interface DatabaseRestore {
  readonly project: Project;
  readonly reader: SetReader;
  readonly manifest: Manifest;
  readonly saved: Saved;
}

/** Restores a database of a set. @throws PersonError with the failing program's words; the database is then as it was */
export async function restoreDatabase(restore: DatabaseRestore): Promise<void> {
  const { project, reader, manifest, saved } = restore;
  await putInPlace({
    project,
    id: saved.id,
    name: saved.name,
    roles: await dumpedRoles(restore),
    fill: (fresh) => pipeInto(project, reader.object(manifest.id, saved.id, "database"), reader.key, saved.id, ["pg_restore", "--exit-on-error", "--username=postgres", `--dbname=${fresh}`]),
    compare: () => compare(restore),
  });
}

export interface Replacement {
  readonly project: Project;
  /** Its id in the plan, which is its service's name, and the database's own. */
  readonly id: string;
  readonly name: string;
  /** Roles as `pg_dumpall --roles-only` writes them. */
  readonly roles: string;
  /** Fills an empty database of this name. */
  readonly fill: (fresh: string) => Promise<void>;
  /** Throws where the new one, which has the name by then, isn't what it should be. */
  readonly compare: () => Promise<void>;
}

/**
 * Fills a second database, exchanges the two by their names in one transaction, compares, and only
 * then drops the former one. Whatever fails before that, the former one is in its place again. Nobody but the engine
 * may be connected meanwhile: their sessions are ended.
 *
 * @throws PersonError with the failing program's words; the database is then as it was
 */
export async function putInPlace({ project, id, name, roles, fill, compare: isRight }: Replacement): Promise<void> {
  const [fresh, former] = [`${name}_restoring`, `${name}_former`];
  const sql = (database: string, statements: string) => psql(project, id, database, statements);
  await sql("postgres", rolesOnce(roles));
  await sql("postgres", `DROP DATABASE IF EXISTS "${fresh}" WITH (FORCE)`);
  await sql("postgres", `CREATE DATABASE "${fresh}" OWNER "${name}_owner" TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C.UTF-8'`);
  try {
    await fill(fresh);
    await exchange(sql, { from: fresh, to: name, aside: former });
  } catch (error) {
    await sql("postgres", `DROP DATABASE IF EXISTS "${fresh}" WITH (FORCE)`);
    throw error;
  }
  try {
    // Rights and passwords come from the model, not from what was saved.
    await inDatabase(project, id, ["psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--username=postgres", "--dbname=postgres", "--file=/docker-entrypoint-initdb.d/10-roles.sql"]);
    await isRight();
  } catch (error) {
    await exchange(sql, { from: former, to: name, aside: fresh });
    await sql("postgres", `DROP DATABASE "${fresh}" WITH (FORCE)`);
    throw error;
  }
  await sql("postgres", `DROP DATABASE IF EXISTS "${former}" WITH (FORCE)`);
}

type Sql = (database: string, statements: string) => Promise<string>;

/** Ends all sessions of both and renames them in one transaction; a database of the third name, left by a restore that was killed, goes. */
async function exchange(sql: Sql, { from, to, aside }: { readonly from: string; readonly to: string; readonly aside: string }): Promise<void> {
  await sql("postgres", `DROP DATABASE IF EXISTS "${aside}" WITH (FORCE)`);
  // Committed before the renames: whoever could come back in between would make them fail.
  await sql("postgres", `ALTER DATABASE "${to}" ALLOW_CONNECTIONS false; ALTER DATABASE "${from}" ALLOW_CONNECTIONS false`);
  try {
    await sql("postgres", `
      SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname IN ('${from}', '${to}');
      BEGIN;
      ALTER DATABASE "${to}" RENAME TO "${aside}";
      ALTER DATABASE "${from}" RENAME TO "${to}";
      COMMIT;`);
  } finally {
    // By whatever name they have now.
    await sql("postgres", `SELECT format('ALTER DATABASE %I ALLOW_CONNECTIONS true', datname) FROM pg_database WHERE datname IN ('${from}', '${to}', '${aside}') \\gexec`);
  }
}

async function dumpedRoles({ reader, manifest, saved }: DatabaseRestore): Promise<string> {
  const { program, args } = reader.object(manifest.id, saved.id, "roles");
  const { stdout } = await execa(program, args, { input: reader.key }).catch((error: unknown) => {
    throw refused(`The roles of ${saved.id} can't be read.`, error);
  });
  return stdout;
}

/** Dumped roles as SQL that may run where some of them are there already. */
export const rolesOnce = (dumped: string): string =>
  dumped
    .split("\n")
    // The dump's own guard against psql commands; ours are given whole.
    .filter((line) => !/^\\(un)?restrict /.test(line))
    .map((line) => line.replace(/^CREATE ROLE (.+);$/, (statement, role: string) => `DO $once$ BEGIN IF to_regrole('${role.replaceAll("'", "''")}') IS NULL THEN ${statement} END IF; END $once$;`))
    .join("\n");

async function compare({ project, manifest, saved }: DatabaseRestore): Promise<void> {
  const { program, args } = await inContainer(project, "backup", ["node", "/app/backup.js", "compare", "--of", saved.id]);
  await execa(program, args, { input: JSON.stringify(manifest) }).catch((error: unknown) => {
    throw refused(`${saved.id} was restored and isn't equal to the set; the former database is back in its place.`, error);
  });
}

/** Runs psql as the superuser over the container's socket; statements come on its standard input. */
export async function psql(project: Project, service: string, database: string, statements: string): Promise<string> {
  return inDatabase(project, service, ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1", "--username=postgres", `--dbname=${database}`, "--file=-"], statements);
}

async function inDatabase(project: Project, service: string, command: readonly string[], input = ""): Promise<string> {
  const { program, args } = await inContainer(project, service, command);
  try {
    return (await execa(program, args, { input })).stdout;
  } catch (error) {
    throw refused(`${service} refuses.`, error);
  }
}

export async function pipeInto(project: Project, from: Called, key: string, service: string, command: readonly string[]): Promise<void> {
  const into = await inContainer(project, service, command);
  const source = execa(from.program, from.args, { input: key, encoding: "buffer", buffer: { stdout: false } });
  const ended = source.then(() => undefined, (error: unknown) => error);
  try {
    await source.pipe(into.program, into.args);
  } catch (error) {
    throw refused(`${service} can't be restored; the database is as it was.`, (await ended) ?? error);
  }
}

/** Docker itself, since every call of Compose reads all files first: a second each, on a small machine. */
async function inContainer(project: Project, service: string, command: readonly string[]): Promise<Called> {
  const container = (await listContainers(project.name)).find((each) => each.service === service);
  if (container === undefined) throw new PersonError(`There is no container of ${service} in ${project.environment}.`, { fix: "A database that isn't ours is restored by hand: docs/runbooks/recovery.md." });
  return { program: "docker", args: ["exec", "--interactive", container.id, ...command] };
}

function refused(what: string, error: unknown): unknown {
  return error instanceof ExecaError ? new PersonError(what, { why: wordsOf(error), cause: error }) : error;
}

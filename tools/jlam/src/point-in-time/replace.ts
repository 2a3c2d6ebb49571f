/** Puts a database of an isolated server in the place of the one that runs. */
import { PersonError } from "../terminal/failure.ts";
import { pipeInto, psql, putInPlace } from "../recovery/database.ts";
import type { Project } from "../runtime/project.ts";
import type { IsolatedServer } from "./isolated-server.ts";

/** Rows and hash of every table, and where sequences are, as lines: alike on an equal copy. */
const content = `
  SET search_path = pg_catalog; SET timezone = 'UTC';
  SELECT format('SELECT %L, count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM ONLY %I.%I t', n.nspname || '.' || c.relname, n.nspname, c.relname)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_' ORDER BY 1 \\gexec
  SELECT schemaname, sequencename, last_value FROM pg_sequences ORDER BY 1, 2;`;

export interface Replacing {
  readonly project: Project;
  readonly server: IsolatedServer;
  /** Its id in the plan, and the database's own name. */
  readonly id: string;
  readonly name: string;
}

/**
 * Dumps it there, restores it here beside the one that runs, compares every table, and exchanges the two. Returns how
 * many tables are equal.
 * @throws PersonError with the failing program's words; the database is then as it was
 */
export async function replaceDatabase({ project, server, id, name }: Replacing): Promise<number> {
  const dump = { program: "docker", args: ["exec", "--interactive", server.id, "pg_dump", "--format=custom", "--compress=none", `--dbname=${name}`] };
  let tables = 0;
  await putInPlace({
    project,
    id,
    name,
    roles: await server.run("The roles can't be read.", "pg_dumpall --roles-only --no-role-passwords"),
    fill: async (fresh) => {
      await pipeInto(project, dump, "", id, ["pg_restore", "--exit-on-error", "--username=postgres", `--dbname=${fresh}`]);
      const [there, here] = [await server.sql(name, content), await psql(project, id, fresh, content)];
      if (there.trim() !== here.trim()) throw new PersonError(`${id} didn't come over whole.`, { why: "its tables aren't equal to those of the server that it was brought up on", fix: "The database is as it was. Try again, and report it." });
      tables = here.split("\n").filter((line) => line.includes("|")).length;
    },
    // It was compared before it took the name.
    compare: async () => undefined,
  });
  return tables;
}

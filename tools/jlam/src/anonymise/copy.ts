/** A copy of a database without a person in it: made and looked through on a server that nobody reaches. */
import { randomBytes } from "node:crypto";
import type { AnonymisationRules } from "@jlam/backup/plan-file";
import { openIsolated, startPostgres, workFolder, type IsolatedServer } from "../point-in-time/isolated-server.ts";
import { PersonError } from "../terminal/failure.ts";
import { anonymise, columnsQuery, disagreements, search, type Column } from "./statements.ts";

export interface AnonymousCopy {
  readonly server: IsolatedServer;
  /** Tables that were looked through, and found without anybody. */
  readonly tables: number;
}

export interface Copying {
  /** The environment's own PostgreSQL image. */
  readonly image: string;
  readonly id: string;
  /** The database's own name. */
  readonly name: string;
  readonly rules: AnonymisationRules;
  /** Restores roles and the database, which is there and empty. */
  readonly fill: (server: IsolatedServer) => Promise<void>;
}

/**
 * Restores, applies the rules, and looks for people in every column. Only a copy in which none is found is returned; the
 * caller closes its server.
 * @throws PersonError that names columns without a rule, or with a person in them; the copy is then gone
 */
export async function anonymousCopy({ image, id, name, rules, fill }: Copying): Promise<AnonymousCopy> {
  const server = await openIsolated(image);
  try {
    const data = `${workFolder}/data`;
    await server.run("The isolated server can't be made.", `initdb --pgdata=${data} --username=postgres --auth=trust --encoding=UTF8 --locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C.UTF-8 > /dev/null`);
    const started = await startPostgres(server, data, {});
    if (!started.up) throw new PersonError("The isolated server doesn't start.", { why: started.log });
    await server.sql("postgres", `CREATE DATABASE "${name}"`);
    await fill(server);
    const columns = readColumns(await server.sql(name, columnsQuery));
    const unclear = disagreements(rules, columns);
    if (unclear.length > 0) {
      throw new PersonError(`No copy of ${id} is made: ${unclear.slice(0, 10).join("; ")}${unclear.length > 10 ? `; and ${unclear.length - 10} more` : ""}.`, {
        why: "Nobody decided whether a person is in there.",
        fix: "Say it where the application says what becomes of its columns, such as apps/web/anonymised.ts.",
      });
    }
    // Never written down: without it, nobody can go back from a pseudonym.
    await server.sql(name, anonymise(rules, columns, randomBytes(32).toString("hex")));
    const found = (await server.sql(name, search(columns))).split("\n").filter((line) => line !== "").map((line) => line.split("|"));
    if (found.length > 0) {
      throw new PersonError(`The copy of ${id} doesn't leave: there are people in it.`, {
        why: found.map(([column, what, rows]) => `${column ?? ""}: ${what ?? ""} in ${rows ?? ""} ${rows === "1" ? "row" : "rows"}`).join("\n"),
        fix: "Give these columns another rule (scrubbed, pseudonym, or their table emptied). The copy was destroyed; nothing was changed.",
      });
    }
    return { server, tables: new Set(columns.map(({ table }) => table)).size };
  } catch (error) {
    await server.close();
    throw error;
  }
}

const readColumns = (lines: string): readonly Column[] =>
  lines.split("\n").flatMap((line) => {
    const [table, column, type] = line.split("|");
    return table === undefined || column === undefined || type === undefined ? [] : [{ table, column, type }];
  });

/** `jlam psql`: a session in a database, read-only unless asked. */
import { Option, type Command } from "commander";
import { session, sessionRoles, type SessionRole } from "../runtime/psql.ts";
import { examples } from "../terminal/examples.ts";

export function register(command: Command): void {
  command
    .argument("<database>", "name of the database, such as app")
    .argument("[args...]", "further arguments of psql, after --")
    .option("-e, --environment <name>", "environment", "local")
    .addOption(new Option("--role <role>", "role to take").choices(sessionRoles).default("application"))
    .option("--write", "let the session change data");
  examples(command, [
    ["jlam psql app", "look around as the application, changing nothing"],
    ["jlam psql app --role owner --write", "change the schema"],
    ["jlam psql auth -e ci -- --command 'select 1'", "one statement"],
  ]);
  command.action(async (database: string, args: readonly string[], options: { environment: string; role: SessionRole; write?: true }) => {
    const { environment, role, write } = options;
    process.exitCode = await session({ environment, database, role, write: write === true, args });
  });
}

/** `jlam secrets login`: a login of a managed database for yourself, in a file that psql reads. */
import { Option, type Command } from "commander";
import { roleKinds, type RoleKind } from "@jlam/postgres/roles";
import { managedDatabase } from "../../databases/managed.ts";
import { prepareLogin } from "../../secrets/database-login.ts";
import { repositoryRoot } from "../../synth/platform.ts";
import { examples } from "../../terminal/examples.ts";
import { print, printJson, say } from "../../terminal/output.ts";
import { loadKnown } from "./target.ts";

export function registerLogin(command: Command): void {
  command.summary("a managed database's login for yourself").description("Puts a login of a managed database into a file of yours alone, and prints how psql takes it. From OpenBao it is made for you and ends by itself; from the encrypted file it is the role's own.");
  command.argument("<environment>").argument("<database>", "name of the database, such as app");
  command.addOption(new Option("--role <role>", "role to take").choices(roleKinds).default("monitoring")).option("--identity <file>", "your age identity, or the file of your OpenBao token").option("--json", "print JSON");
  examples(command, [
    ["jlam secrets login staging app", "look at the server's statistics"],
    ["jlam secrets login staging app --role application", "look at rows, as the application"],
  ]);
  command.action(async (name: string, database: string, options: { role: RoleKind; identity?: string; json?: true }) => {
    const environment = await loadKnown(name);
    const login = await prepareLogin(environment, managedDatabase(environment, database, repositoryRoot), options.role, repositoryRoot, options.identity);
    if (options.json) return printJson(login);
    print(`PGPASSFILE='${login.passwordFile}' PGOPTIONS='-c default_transaction_read_only=on' psql '${login.connection}'`);
    if (login.seconds !== undefined) say(`${login.user} ends by itself in ${Math.round(login.seconds / 60)} minutes.`);
  });
}

/** `jlam databases`: the roles of managed databases. */
import type { Command } from "commander";
import { administratorPassword } from "../databases/administrator-password.ts";
import { createDatabaseLogins } from "../databases/create-logins.ts";
import { certificateAuthority, managedDatabase } from "../databases/managed.ts";
import { rolePasswords } from "../databases/role-passwords.ts";
import { prepareLeases } from "../secrets/openbao/leases.ts";
import { knownEnvironments } from "../synth/names.ts";
import { environmentNames, loadEnvironment, repositoryRoot } from "../synth/platform.ts";
import { examples } from "../terminal/examples.ts";
import { PersonError } from "../terminal/failure.ts";
import { colour, print, printJson, printTable, say } from "../terminal/output.ts";

interface Options {
  readonly administrator: string;
  readonly passwordFile?: string;
  readonly certificateAuthority?: string;
  readonly maintenanceDatabase: string;
  readonly identity?: string;
  readonly json?: true;
}

export function register(command: Command): void {
  const create = command
    .command("create-roles")
    .summary("create or repair a managed database and its roles, and verify them")
    .description(
      "Creates the database and its roles (owner, application, monitoring, backup) on a managed server, or repairs them, and verifies what each can and can't do. " +
        "It may run any number of times. Passwords come from the environment's secrets, and the server gets their SCRAM verifiers only.",
    )
    .argument("<environment>", "an environment that binds the database to a managed server")
    .argument("<database>", "name of the database in the model, such as app")
    .requiredOption("--administrator <user>", "login of the server's administrator")
    .option("--password-file <file>", "file with the administrator's password; asked for on the terminal without it")
    .option("--certificate-authority <file>", "PEM file of the authority that signed the server's certificate; the one given for the environment without it")
    .option("--identity <file>", "what opens the environment's secrets: the file of an age identity (see `jlam secrets recipients --help`), or of an OpenBao token")
    .option("--maintenance-database <name>", "a database that is always there", "rdb")
    .option("--json", "print the result as JSON");
  examples(create, [
    ["jlam databases create-roles staging app --administrator jlam_admin", "asks for the administrator's password"],
    ["jlam databases create-roles production auth --administrator jlam_admin --password-file ~/.jlam-admin", "reads it from a file"],
  ]);
  create.action(createRoles);
}

async function createRoles(environmentName: string, name: string, options: Options): Promise<void> {
  const [known = environmentName] = knownEnvironments([environmentName], environmentNames());
  const environment = await loadEnvironment(known);
  const { database, host, port } = managedDatabase(environment, name, repositoryRoot);
  const authority = { root: repositoryRoot, file: options.certificateAuthority, identity: options.identity };
  const tls = { kind: "verify-full", certificateAuthority: await certificateAuthority(environment, database, authority) } as const;
  const password = await administratorPassword(options.administrator, options.passwordFile);
  const passwords = await rolePasswords(environment, repositoryRoot, database, options.identity);
  const administrator = { host, port, user: options.administrator, password, maintenanceDatabase: options.maintenanceDatabase, tls };
  const result = await createDatabaseLogins(administrator, database, passwords).catch((error: unknown) => {
    throw new PersonError(`The roles of ${database} could not be created.`, { where: `${host}:${port}`, why: String(error), cause: error });
  });
  const { secrets } = environment.node;
  if (secrets.kind === "openbao") await prepareLeases(secrets, environment.name, database, administrator, options.identity);
  if (options.json) printJson(result);
  else {
    say(result.databaseCreated ? `Created the database ${database}.` : `The database ${database} was there.`);
    printTable(["ROLE", "CLAIM", "TRUE"], result.findings.map(({ role, claim, holds }) => [role, claim, holds ? "yes" : "no"]));
  }
  const wrong = result.findings.filter(({ holds }) => !holds);
  for (const { role, claim, remedy } of wrong) say(`${colour("red", "✖")} ${role} ${claim}: not so.\n  ${remedy}`);
  if (wrong.length > 0) process.exitCode = 1;
  else if (!options.json) print(`All ${result.findings.length} claims are true.`);
}

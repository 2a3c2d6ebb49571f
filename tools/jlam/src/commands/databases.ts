/** `jlam databases`: the roles of managed databases. */
import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import type { ResolvedEnvironment } from "@jlam/compose-dsl";
import { databaseName, type DatabaseName } from "@jlam/postgres/roles";
import { administratorPassword } from "../databases/administrator-password.ts";
import { createDatabaseRoles } from "../databases/create-roles.ts";
import { rolePasswords } from "../databases/role-passwords.ts";
import { secretPaths } from "../secrets/provide.ts";
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
  const { database, host, port } = managedDatabase(environment, name);
  const tls = { kind: "verify-full", certificateAuthority: await authority(environment, database, options.certificateAuthority) } as const;
  const password = await administratorPassword(options.administrator, options.passwordFile);
  const passwords = rolePasswords(repositoryRoot, environment.name, database);
  const administrator = { host, port, user: options.administrator, password, maintenanceDatabase: options.maintenanceDatabase, tls };
  const result = await createDatabaseRoles(administrator, database, passwords).catch((error: unknown) => {
    throw new PersonError(`The roles of ${database} could not be created.`, { where: `${host}:${port}`, why: String(error), cause: error });
  });
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

function managedDatabase(environment: ResolvedEnvironment, name: string): { readonly database: DatabaseName; readonly host: string; readonly port: number } {
  const databases = environment.node.provides.filter(({ provides }) => provides.kind === "postgres");
  const provider = databases.find(({ provides }) => provides.name === name);
  if (provider === undefined) {
    throw new PersonError(`${environment.name} has no database "${name}".`, {
      fix: `Its databases are ${databases.map(({ provides }) => provides.name).join(", ") || "none"}.`,
    });
  }
  const { address } = provider.binding;
  if (address.kind === "container") {
    throw new PersonError(`The database "${name}" of ${environment.name} runs in a container, which makes its roles itself.`, {
      where: `${relative(repositoryRoot, fileURLToPath(provider.at.file))}:${provider.at.line}`,
      fix: "This command is for managed databases, such as those of staging and production.",
    });
  }
  return { database: databaseName(name), host: address.host, port: address.port };
}

async function authority(environment: ResolvedEnvironment, database: DatabaseName, file: string | undefined): Promise<string> {
  const path = file ?? join(secretPaths(repositoryRoot, environment.name).given, `postgres-${database}.certificate-authority`);
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new PersonError("The certificate of the authority that signed the server's certificate can't be read.", {
      where: path,
      why: "Without it the server can't be told from somebody who pretends to be it.",
      fix: "Download it from the provider's console and put it there, or name it with --certificate-authority.",
      cause: error,
    });
  }
}

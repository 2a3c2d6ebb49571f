/** A database that a provider runs for an environment, and how its server is recognised. */
import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { ResolvedEnvironment } from "@jlam/compose-dsl";
import { databaseName, type DatabaseName } from "@jlam/postgres/roles";
import { secretPaths } from "../secrets/provide.ts";
import { keptValues } from "../secrets/values.ts";
import { PersonError } from "../terminal/failure.ts";

export interface ManagedDatabase {
  readonly database: DatabaseName;
  readonly host: string;
  readonly port: number;
}

/** @throws PersonError for a database that the environment lacks, or runs in a container of ours */
export function managedDatabase(environment: ResolvedEnvironment, name: string, root: string): ManagedDatabase {
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
      where: `${relative(root, fileURLToPath(provider.at.file))}:${provider.at.line}`,
      fix: "This command is for managed databases, such as those of staging and production.",
    });
  }
  return { database: databaseName(name), host: address.host, port: address.port };
}

export interface AuthorityOptions {
  readonly root: string;
  /** PEM file that a person named. */
  readonly file: string | undefined;
  /** File of the identity that opens the environment's secrets, where they are kept encrypted. */
  readonly identity: string | undefined;
}

/**
 * The certificate of the authority that signed a managed server's certificate: from the file that is named, else from the
 * environment's secrets.
 *
 * @throws PersonError where there is none
 */
export async function certificateAuthority(environment: ResolvedEnvironment, database: DatabaseName, { root, file, identity }: AuthorityOptions): Promise<string> {
  const id = `postgres-${database}.certificate-authority`;
  if (file === undefined && environment.node.secrets.kind !== "machine") {
    const value = (await keptValues(environment, { root, identity })).get(id);
    if (value !== undefined) return value;
    throw new PersonError("The certificate of the server's authority is no secret of the environment yet.", { fix: `jlam secrets set ${environment.name} ${id} < authority.pem` });
  }
  const path = file ?? join(secretPaths(root, environment.name).given, id);
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

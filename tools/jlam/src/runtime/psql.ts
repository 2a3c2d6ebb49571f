/** `psql`: a session in one of an environment's databases, as the role that fits, changing nothing unless asked. */
import type { ResolvedEnvironment } from "@jlam/compose-dsl";
import { repositoryRoot } from "../synth/platform.ts";
import { fixOfName, PersonError } from "../terminal/failure.ts";
import { loadRunning } from "./bootable.ts";
import { execIn, runningContainer } from "./in-container.ts";

export const sessionRoles = ["application", "owner", "monitoring", "backup"] as const;
export type SessionRole = (typeof sessionRoles)[number];

export interface SessionOptions {
  readonly environment: string;
  /** Name of the database's resource, such as `app`. */
  readonly database: string;
  readonly role: SessionRole;
  /** Let it change data; without it the server refuses every write of the session. */
  readonly write: boolean;
  /** Further arguments of psql. */
  readonly args: readonly string[];
  readonly root?: string;
}

/** Names of the environment's PostgreSQL databases. */
export const databaseNames = ({ providers }: ResolvedEnvironment): readonly string[] =>
  [...providers.values()].flatMap(({ provides }) => (provides.kind === "postgres" ? [provides.name] : []));

/**
 * Runs psql in the database's container over its socket, where the container's own user may take any role: no password
 * is needed, so none is anywhere to be seen. Returns psql's exit code.
 *
 * @throws PersonError for an unknown database, a managed one, or one that isn't running
 */
export async function session({ environment: name, database, role, write, args, root = repositoryRoot }: SessionOptions): Promise<number> {
  const { binding, service } = await findDatabase(await loadRunning(name, root), database);
  const container = await runningContainer(name, service);
  const user = binding.user(role) ?? role;
  const facts = binding.facts["name"] ?? database;
  return await execIn(container, ["psql", "--no-psqlrc", "--pset=pager=off", `--username=${user}`, `--dbname=${facts}`, ...args], {
    variables: {
      // A setting of the session: whoever wants to write has to say so, here or in the session itself.
      ...(!write && { PGOPTIONS: "-c default_transaction_read_only=on" }),
      // The root file system is read-only, and what was typed here should stay nowhere.
      PSQL_HISTORY: "/dev/null",
    },
  });
}

async function findDatabase(environment: ResolvedEnvironment, database: string) {
  const known = databaseNames(environment);
  const provider = [...environment.providers.values()].find(({ provides }) => provides.kind === "postgres" && provides.name === database);
  if (provider === undefined) {
    throw new PersonError(`There is no database "${database}" in ${environment.name}.`, {
      fix: fixOfName(database, known),
      exitCode: 2,
    });
  }
  const { address } = provider.binding;
  if (address.kind === "container") return { binding: provider.binding, service: address.endpoint.service };
  throw new PersonError(`The database "${database}" of ${environment.name} is managed: no container of ours runs it.`, {
    where: `${address.host}:${address.port}`,
    why: "Its roles have passwords of their own, which only that environment's host has as files.",
    fix:
      "From a machine that may reach it, with the role's password in ~/.pgpass:\n" +
      `PGOPTIONS='-c default_transaction_read_only=on' psql 'host=${address.host} port=${address.port} dbname=${provider.binding.facts["name"] ?? database} user=${provider.binding.user("application") ?? "…"} sslmode=verify-full sslrootcert=<authority.pem>'`,
  });
}

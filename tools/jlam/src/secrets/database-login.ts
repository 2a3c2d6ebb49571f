/** A login of a managed database for a person: leased from OpenBao, or the role's own. */
import { join } from "node:path";
import type { ResolvedEnvironment } from "@jlam/compose-dsl";
import { loginName, type RoleKind } from "@jlam/postgres/roles";
import { certificateAuthority, type ManagedDatabase } from "../databases/managed.ts";
import { rolePasswords } from "../databases/role-passwords.ts";
import { PersonError } from "../terminal/failure.ts";
import { leaseLogin } from "./openbao/leases.ts";
import { writePrivately } from "./private-file.ts";
import { secretPaths } from "./provide.ts";

export interface PreparedLogin {
  readonly user: string;
  /** What psql is given; the password isn't in it. */
  readonly connection: string;
  /** PostgreSQL's password file (mode 0600, in no git), for PGPASSFILE. */
  readonly passwordFile: string;
  /** Seconds until it ends; undefined where it lasts as long as the role's password. */
  readonly seconds: number | undefined;
}

/**
 * Puts a login of the role where psql finds it.
 * @throws PersonError where the password or the server's authority isn't known
 */
export async function prepareLogin(environment: ResolvedEnvironment, managed: ManagedDatabase, kind: RoleKind, root: string, identity: string | undefined): Promise<PreparedLogin> {
  const { database, host, port } = managed;
  const { user, password, seconds } = await credentials(environment, managed, kind, root, identity);
  const folder = join(secretPaths(root, environment.name).state, "logins");
  const passwordFile = join(folder, `${database}-${kind}.pgpass`);
  const authorityFile = join(folder, `${database}.authority.pem`);
  const fields = [host, String(port), database, user, password];
  // libpq, "The Password File": colons and backslashes are escaped.
  writePrivately(passwordFile, `${fields.map((field) => field.replaceAll(/[\\:]/g, "\\$&")).join(":")}\n`);
  writePrivately(authorityFile, await certificateAuthority(environment, database, { root, file: undefined, identity }));
  return { user, passwordFile, seconds, connection: `host=${host} port=${port} dbname=${database} user=${user} sslmode=verify-full sslrootcert=${authorityFile}` };
}

interface Credentials {
  readonly user: string;
  readonly password: string;
  readonly seconds: number | undefined;
}

async function credentials(environment: ResolvedEnvironment, { database }: ManagedDatabase, kind: RoleKind, root: string, identity: string | undefined): Promise<Credentials> {
  const { secrets } = environment.node;
  if (secrets.kind === "openbao") return leaseLogin(secrets, environment.name, database, kind, identity);
  const used = environment.providers.get(`postgres-${database}`)?.binding.user(kind);
  const known = (await rolePasswords(environment, root, database, identity))[kind].find(({ version }) => loginName(database, kind, version) === used);
  if (known === undefined || used === undefined) throw new PersonError(`The role "${kind}" of ${database} has no password in use.`, { fix: `jlam secrets check ${environment.name}` });
  return { user: used, password: known.password, seconds: undefined };
}

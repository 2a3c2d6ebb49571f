/** The logins of a managed database's roles: one for every version of a password that lives, and no other. */
import { randomBytes } from "node:crypto";
import { roleKinds, type DatabaseName, type RoleKind } from "@jlam/postgres/roles";
import { loginServer } from "../secrets/rotation/login-server.ts";
import { createDatabaseRoles, type Administrator, type CreatedRoles } from "./create-roles.ts";
import type { RolePassword } from "./role-passwords.ts";

/**
 * Creates or repairs the database and its roles, as {@link createDatabaseRoles}, and brings their logins to the versions
 * that live: a role whose own login isn't among them can't be signed in as.
 */
export async function createDatabaseLogins(administrator: Administrator, database: DatabaseName, live: Readonly<Record<RoleKind, readonly RolePassword[]>>): Promise<CreatedRoles> {
  const own = (kind: RoleKind): string => live[kind].find(({ version }) => version % 2 === 1)?.password ?? randomBytes(24).toString("base64url");
  const created = await createDatabaseRoles(administrator, database, { owner: own("owner"), application: own("application"), monitoring: own("monitoring"), backup: own("backup") });
  const server = loginServer(administrator);
  for (const kind of roleKinds) {
    for (const { version, password } of live[kind]) if (version % 2 === 0) await server.open({ database, kind, version }, password);
    for (const version of [1, 2]) if (!live[kind].some((known) => known.version % 2 === version % 2)) await server.close({ database, kind, version });
  }
  return created;
}

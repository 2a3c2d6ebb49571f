/** The passwords of a database's roles, as the environment's secrets keep them. */
import { randomBytes } from "node:crypto";
import { generated, type ResolvedSecret } from "@jlam/compose-dsl";
import { roleKinds, type DatabaseName, type RoleKind } from "@jlam/postgres/roles";
import { secretPaths } from "../secrets/provide.ts";
import { settleSecrets } from "../secrets/settle.ts";
import { readStore, writeStore } from "../secrets/store.ts";

/**
 * The four passwords from the environment's store on this machine; those that nobody made yet are made and kept. They
 * have the names under which services that connect to the database find them.
 *
 * @throws PersonError for a store that can't be understood
 */
export function rolePasswords(root: string, environment: string, database: DatabaseName): Readonly<Record<RoleKind, string>> {
  const { store: path } = secretPaths(root, environment);
  const source = generated({ bytes: 24 });
  const at = { file: import.meta.url, line: 1, column: 1 };
  const idOf = (kind: RoleKind): string => `postgres-${database}.${kind}`;
  const secrets = new Map<string, ResolvedSecret>(roleKinds.map((kind) => [idOf(kind), { id: idOf(kind), source, inputs: {}, consumers: [], at }]));
  const settled = settleSecrets(secrets, { store: readStore(path), given: new Map(), issued: undefined, random: randomBytes, now: new Date() });
  if (settled.made.length > 0) writeStore(path, settled.store);
  const valueOf = (kind: RoleKind): string => settled.values.get(idOf(kind)) ?? "";
  return { owner: valueOf("owner"), application: valueOf("application"), monitoring: valueOf("monitoring"), backup: valueOf("backup") };
}

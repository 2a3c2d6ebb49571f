/** The passwords of a database's roles, as the environment's secrets keep them. */
import { randomBytes } from "node:crypto";
import { generated, type ResolvedEnvironment, type ResolvedSecret } from "@jlam/compose-dsl";
import { roleKinds, type DatabaseName, type RoleKind } from "@jlam/postgres/roles";
import { secretPaths } from "../secrets/provide.ts";
import { PersonError } from "../terminal/failure.ts";
import { readIdentities } from "../secrets/sealed/identity.ts";
import { readSealed, sealedPath } from "../secrets/sealed/file.ts";
import { unseal } from "../secrets/sealed/seal.ts";
import { keptValues } from "../secrets/values.ts";
import { settleSecrets } from "../secrets/settle.ts";
import { readStore, writeStore } from "../secrets/store.ts";

/** A password of a role in one of its versions; two while it is rotated. */
export interface RolePassword {
  readonly version: number;
  readonly password: string;
}

/**
 * The passwords of the four roles: from the encrypted file, where every one must be, from OpenBao, or from this machine's
 * store, where those that nobody made yet are made and kept. They have the names under which services that connect to
 * the database find them.
 *
 * @param identity file that opens the environment's secrets
 * @throws PersonError for a missing value, and for a store or file that can't be understood
 */
export async function rolePasswords(environment: ResolvedEnvironment, root: string, database: DatabaseName, identity: string | undefined): Promise<Readonly<Record<RoleKind, readonly RolePassword[]>>> {
  const of = await source(environment, root, database, identity);
  const [owner, application, monitoring, backup] = [await of("owner"), await of("application"), await of("monitoring"), await of("backup")];
  return { owner, application, monitoring, backup };
}

type Source = (kind: RoleKind) => Promise<readonly RolePassword[]>;

async function source(environment: ResolvedEnvironment, root: string, database: DatabaseName, identity: string | undefined): Promise<Source> {
  const { name, node } = environment;
  const idOf = (kind: RoleKind): string => `postgres-${database}.${kind}`;
  const missing = (kind: RoleKind): PersonError => new PersonError(`"${idOf(kind)}" has no value in ${name} yet.`, { fix: `jlam secrets set ${name} --generate` });
  switch (node.secrets.kind) {
    case "machine": {
      const values = fromStore(root, name, roleKinds.map(idOf));
      return async (kind) => [{ version: 1, password: values.get(idOf(kind)) ?? "" }];
    }
    case "openbao": {
      const values = await keptValues(environment, { root, identity });
      return async (kind) => {
        const password = values.get(idOf(kind));
        if (password === undefined) throw missing(kind);
        return [{ version: 1, password }];
      };
    }
    case "sealed": {
      const identities = readIdentities(identity);
      const sealed = readSealed(root, name);
      return async (kind) => {
        const entry = sealed[idOf(kind)];
        if (entry === undefined) throw missing(kind);
        const open = entry.versions.map(async ({ version, made, sealed: blob }) => ({ version, password: await unseal(blob, { environment: name, secret: idOf(kind), version, made }, identities, sealedPath(root, name)) }));
        return Promise.all(open);
      };
    }
  }
}

function fromStore(root: string, environment: string, ids: readonly string[]): ReadonlyMap<string, string> {
  const { store: path } = secretPaths(root, environment);
  const made = generated({ bytes: 24 });
  const at = { file: import.meta.url, line: 1, column: 1 };
  const secrets = new Map<string, ResolvedSecret>(ids.map((id) => [id, { id, source: made, inputs: {}, consumers: [], at }]));
  const settled = settleSecrets(secrets, { store: readStore(path), given: new Map(), issued: undefined, random: randomBytes, now: new Date() });
  if (settled.made.length > 0) writeStore(path, settled.store);
  return settled.values;
}

/** The values that an environment's consumers are given, from wherever its declaration says that they are kept. */
import type { ResolvedEnvironment } from "@jlam/compose-dsl";
import { issuedFor } from "../runtime/certificates.ts";
import { PersonError } from "../terminal/failure.ts";
import { readOpenBao } from "./openbao/values.ts";
import { readIdentities } from "./sealed/identity.ts";
import { readSealed, sealedPath, usedVersion } from "./sealed/file.ts";
import { unseal } from "./sealed/seal.ts";
import { settleSecrets } from "./settle.ts";
import { wantedSecrets } from "./wanted.ts";

export interface ValueAccess {
  readonly root: string;
  /** File of an age identity, or of an OpenBao token; the usual one where undefined. */
  readonly identity: string | undefined;
}

/**
 * The value in use of every secret of the environment, by id, with those that are rendered from others. Where the
 * environment chose a local authority, its certificate is this machine's, made when it is first asked for.
 *
 * @throws PersonError where values are missing, where they can't be opened, or for an environment of this machine alone
 */
export async function valuesOf(environment: ResolvedEnvironment, access: ValueAccess): Promise<ReadonlyMap<string, string>> {
  const kept = await keptValues(environment, access);
  const absent = [...environment.secrets.values()].filter(({ id, source }) => (source.kind === "generated" || source.kind === "provided") && !kept.has(id));
  if (absent.length > 0) {
    throw new PersonError(`${absent.length} of the secrets of ${environment.name} have no value.`, {
      why: absent.map(({ id }) => id).join(", "),
      fix: `\`jlam secrets check ${environment.name}\` says for each what to do.`,
    });
  }
  const values = Object.fromEntries([...kept].map(([id, value]) => [id, { value, made: new Date(0).toISOString() }]));
  const random = (): never => {
    throw new RangeError("A value would be made for an environment whose values are kept elsewhere.");
  };
  return settleSecrets(environment.secrets, { store: { version: 1, values }, given: kept, issued: await issuedFor(environment, access.root), random, now: new Date(0) }).values;
}

/** Those that are kept, by id: of them the others are rendered. */
export async function keptValues(environment: ResolvedEnvironment, { root, identity }: ValueAccess): Promise<ReadonlyMap<string, string>> {
  const { name, node } = environment;
  switch (node.secrets.kind) {
    case "machine":
      throw new PersonError(`The secrets of ${name} are made by the machine that boots it.`, { fix: `\`jlam up ${name}\` makes them; files are below environments/${name}/.secrets.` });
    case "openbao":
      return readOpenBao(node.secrets, name, [...wantedSecrets(environment).keys()], identity);
    case "sealed": {
      const identities = readIdentities(identity);
      const opened = Object.entries(readSealed(root, name)).map(async ([secret, entry]): Promise<readonly [string, string]> => {
        const { version, made, sealed } = usedVersion(entry);
        return [secret, await unseal(sealed, { environment: name, secret, version, made }, identities, sealedPath(root, name))];
      });
      return new Map(await Promise.all(opened));
    }
  }
}

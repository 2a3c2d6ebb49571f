/** Which values an environment needs, and what each must be: derived from its model alone. */
import type { Origin, ResolvedEnvironment } from "@jlam/compose-dsl";
import { databaseName, roleKinds, type DatabaseName, type RoleKind } from "@jlam/postgres/roles";

export interface WantedSecret {
  readonly id: string;
  /** "generated" by us, or "provided" by somebody else. */
  readonly kind: "generated" | "provided";
  /** What it is, where the model says so. */
  readonly description: string | undefined;
  /** Bytes of randomness that are made for it; undefined for what others issue. */
  readonly bytes: number | undefined;
  /** Characters that it has at least. */
  readonly minLength: number;
  /** After so many days it must have been replaced. */
  readonly maxAgeDays: number;
  /** Services that get it as a file, or a file that is rendered from it. */
  readonly consumers: readonly string[];
  /** The login of a managed database that signs in with it. */
  readonly login: { readonly database: DatabaseName; readonly kind: RoleKind } | undefined;
  readonly at: Origin;
}

/** One login of a managed database has these many random bytes, as everywhere in the model. */
const passwordBytes = 24;

/** Values to be kept, by id. What is rendered from others or issued by an authority needs none. */
export function wantedSecrets(environment: ResolvedEnvironment): ReadonlyMap<string, WantedSecret> {
  const wanted = new Map<string, WantedSecret>();
  const logins = managedLogins(environment);
  for (const { id, source, at } of environment.secrets.values()) {
    const common = { id, consumers: consumersOf(id, environment), login: logins.get(id)?.login, at };
    if (source.kind === "generated") {
      wanted.set(id, { ...common, kind: "generated", description: source.forPeople, bytes: source.bytes, minLength: lengthOf(source.bytes), maxAgeDays: source.maxAgeDays });
    } else if (source.kind === "provided") {
      wanted.set(id, { ...common, kind: "provided", description: source.description, bytes: undefined, minLength: source.minLength, maxAgeDays: source.maxAgeDays });
    }
  }
  for (const [id, { login, at }] of logins) {
    if (wanted.has(id)) continue;
    wanted.set(id, { id, kind: "generated", description: `password of ${login.database}_${login.kind}`, bytes: passwordBytes, minLength: lengthOf(passwordBytes), maxAgeDays: 365, consumers: [], login, at });
  }
  return wanted;
}

/** All logins of managed databases whose passwords are ours: `jlam databases create-roles` makes those that nobody uses yet, too. */
function managedLogins({ providers }: ResolvedEnvironment): ReadonlyMap<string, { readonly login: NonNullable<WantedSecret["login"]>; readonly at: Origin }> {
  const managed = [...providers.values()].filter(({ provides, binding }) => provides.kind === "postgres" && binding.address.kind === "outside" && binding.passwords === "ours");
  return new Map(
    managed.flatMap(({ provides, at }) => roleKinds.map((kind) => [`postgres-${provides.name}.${kind}`, { login: { database: databaseName(provides.name), kind }, at }] as const)),
  );
}

function consumersOf(id: string, { secrets }: ResolvedEnvironment): readonly string[] {
  const readers = [...secrets.values()].filter((secret) => secret.id === id || Object.values(secret.inputs).includes(id));
  return [...new Set(readers.flatMap(({ consumers }) => consumers.map(({ service }) => service)))].sort();
}

/** Length of base64url text behind a letter, which is how values are made (settle.ts). */
const lengthOf = (bytes: number): number => 1 + Math.ceil((bytes * 4) / 3);

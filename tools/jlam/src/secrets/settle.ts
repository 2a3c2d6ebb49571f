/** Which value each secret of an environment has: kept, generated, given by a person, rendered or issued. Pure. */
import type { ResolvedSecret } from "@jlam/compose-dsl";
import { PersonError } from "../terminal/failure.ts";
import type { SecretStore } from "./store.ts";

/** What the values are settled from. Randomness and time come in, so that the function itself has neither. */
export interface SettleInputs {
  readonly store: SecretStore;
  /** Values that a person put for `provided` secrets, by id. */
  readonly given: ReadonlyMap<string, string>;
  /** Certificate and key of the local authority; undefined where the environment needs none. */
  readonly issued: { readonly certificate: string; readonly key: string } | undefined;
  readonly random: (bytes: number) => Uint8Array;
  readonly now: Date;
}

export interface SettledSecrets {
  /** The value of every secret by its id. */
  readonly values: ReadonlyMap<string, string>;
  /** The store to keep. It never loses a value: another branch, or a volume, may still need it. */
  readonly store: SecretStore;
  /** Ids whose value was made in this run. */
  readonly made: readonly string[];
  /** `provided` secrets that nobody gave: a random text stands there, so that the service starts. */
  readonly placeholders: readonly { readonly id: string; readonly description: string }[];
}

/**
 * Settles every secret. The same store and inputs give the same values.
 * @throws PersonError for a given value that is too short
 */
export function settleSecrets(secrets: ReadonlyMap<string, ResolvedSecret>, inputs: SettleInputs): SettledSecrets {
  const values = new Map<string, string>();
  const stored = { ...inputs.store.values };
  const made: string[] = [];
  const placeholders: { id: string; description: string }[] = [];
  const keepOrMake = (id: string, bytes: number): string => {
    const known = stored[id];
    if (known !== undefined) return known.value;
    const value = randomText(inputs.random(bytes));
    stored[id] = { value, made: inputs.now.toISOString() };
    made.push(id);
    return value;
  };
  const settle = (id: string): string => {
    const settled = values.get(id);
    if (settled !== undefined) return settled;
    const secret = secrets.get(id);
    if (secret === undefined) throw new RangeError(`Nothing declares the secret "${id}".`);
    const value = valueOf(secret);
    values.set(id, value);
    return value;
  };
  const valueOf = ({ id, source, inputs: from }: ResolvedSecret): string => {
    switch (source.kind) {
      case "generated":
        return keepOrMake(id, source.bytes);
      case "provided": {
        const given = inputs.given.get(id);
        if (given !== undefined) return checkLength(id, given, source.minLength);
        placeholders.push({ id, description: source.description });
        return keepOrMake(id, Math.max(16, source.minLength));
      }
      case "derived":
        return source.render(Object.fromEntries(Object.entries(from).map(([name, input]) => [name, settle(input)])));
      case "issued": {
        const value = inputs.issued?.[source.part];
        if (value === undefined) throw new RangeError(`"${id}" needs a local authority, and this environment has none.`);
        return value;
      }
    }
  };
  for (const id of secrets.keys()) settle(id);
  return { values, store: { version: 1, values: stored }, made, placeholders };
}

/** Base64url behind a letter, since some programs parse what they read as JSON, as a URL or as an option. */
export const randomText = (bytes: Uint8Array): string => `s${Buffer.from(bytes).toString("base64url")}`;

function checkLength(id: string, value: string, minLength: number): string {
  if (value.length >= minLength) return value;
  throw new PersonError(`The value given for "${id}" is too short.`, {
    why: `It has ${value.length} characters, and ${minLength} is the least.`,
    fix: "Put the whole value in its file, or remove the file to start with a placeholder.",
  });
}

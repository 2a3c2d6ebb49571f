import type { Resource, Role } from "./resource.ts";

/** A random value, made once per environment. Starts with a letter, since some programs parse secrets as JSON or URLs. */
export interface GeneratedSecret {
  readonly kind: "generated";
  /** Bytes of randomness; the text is longer. */
  readonly bytes: number;
  readonly maxAgeDays: number;
  /** One value for every service that names the same; undefined: a value of this service alone. */
  readonly sharedAs: string | undefined;
  /** Set where a person signs in with it: what it is, to be printed beside where it lies. */
  readonly forPeople: string | undefined;
}

/** A value that somebody else issues: an API key, a token. */
export interface ProvidedSecret {
  readonly kind: "provided";
  readonly description: string;
  readonly minLength: number;
  readonly maxAgeDays: number;
}

/** The password of one login of a resource; the same value in the file of each consumer. */
export interface CredentialSecret {
  readonly kind: "credential";
  readonly resource: Resource;
  readonly role: Role;
}

/** What one service proves with that it is itself, to the identity provider, which knows it too. */
export interface ClientSecret {
  readonly kind: "client-secret";
  /** When it signs people in, or when it asks for something to be done with their accounts. */
  readonly purpose: "sign-in" | "accounts";
  /** Name of the service that says `signIn: oidc(…)`. */
  readonly client: string;
}

/** A file rendered from other secrets, which the container itself then need not see: an access list with password hashes. */
export interface DerivedSecret {
  readonly kind: "derived";
  readonly from: Readonly<Record<string, Exclude<Secret, DerivedSecret>>>;
  /** Deterministic: the same values give the same text. */
  readonly render: (values: Readonly<Record<string, string>>) => string;
}

/** The environment's own server certificate or its key, where a local authority issues it. */
export interface IssuedSecret {
  readonly kind: "issued";
  readonly part: "certificate" | "key";
}

export type Secret = GeneratedSecret | ProvidedSecret | CredentialSecret | ClientSecret | DerivedSecret | IssuedSecret;

/** A random secret of at least 16 bytes; 365 days old at most unless `maxAgeDays` says otherwise. */
export function generated(options: { readonly bytes: number; readonly maxAgeDays?: number; readonly sharedAs?: string; readonly forPeople?: string }): GeneratedSecret {
  if (!Number.isInteger(options.bytes) || options.bytes < 16) {
    throw new RangeError(`a generated secret needs at least 16 bytes (128 bits), not ${options.bytes}`);
  }
  return { kind: "generated", bytes: options.bytes, maxAgeDays: options.maxAgeDays ?? 365, sharedAs: options.sharedAs, forPeople: options.forPeople };
}

/** A secret that a person gets elsewhere and sets once per environment. */
export const provided = (description: string, options: { minLength?: number; maxAgeDays?: number } = {}): ProvidedSecret => ({
  kind: "provided",
  description,
  minLength: options.minLength ?? 16,
  maxAgeDays: options.maxAgeDays ?? 365,
});

/** The password of a login, for the container that provides the resource; consumers get theirs by connecting. */
export const credential = (resource: Resource, role: Role): CredentialSecret => ({ kind: "credential", resource, role });

/** The secret of a service that signs people in, for the identity provider; the service itself gets its file by saying `signIn`. */
export const clientSecret = (client: string): ClientSecret => ({ kind: "client-secret", purpose: "sign-in", client });

/** The token with which a service asks the identity provider to remove accounts; the service gets its file by saying `accounts: "erase"`. */
export const accountsToken = (client: string): ClientSecret => ({ kind: "client-secret", purpose: "accounts", client });

/** A secret file that `render` makes from the values of other secrets, each under the name it has in `from`. */
export const derived = <const F extends string>(
  from: Readonly<Record<F, Exclude<Secret, DerivedSecret>>>,
  render: (values: Readonly<Record<F, string>>) => string,
): DerivedSecret => ({ kind: "derived", from, render });

/** The server certificate that the environment's local authority issues, or its key. */
export const issued = (part: "certificate" | "key"): IssuedSecret => ({ kind: "issued", part });

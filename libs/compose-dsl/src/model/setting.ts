import type { ResourceKind } from "./resource.ts";

/** The path of a declared secret's file inside the container. */
export interface SecretFile<S extends string = string> {
  readonly kind: "secret-file";
  readonly secret: S;
  readonly prefix: string;
}

/** The number of a declared port. */
export interface PortNumber<P extends string = string> {
  readonly kind: "port-number";
  readonly port: P;
}

/** A part of the address of something this service connects to, under the name it gave the connection. */
export interface ConnectionPart<C extends string = string, Part extends string = string> {
  readonly kind: "connection";
  readonly connection: C;
  readonly part: Part;
  readonly prefix: string;
}

/** A fact that only the environment knows. */
export type EnvironmentFact =
  | { readonly kind: "url"; readonly host: string; readonly path: string }
  | { readonly kind: "host"; readonly host: string }
  | { readonly kind: "environment-name" }
  | { readonly kind: "proxy-range" }
  | { readonly kind: "front-ranges" };

export type Setting<S extends string = string, P extends string = string, C extends string = string> =
  | string
  | number
  | boolean
  | SecretFile<S>
  | PortNumber<P>
  | ConnectionPart<C, AnyConnectionPart>
  | EnvironmentFact;

/** What can be asked of a connection, by kind of target. */
export interface ConnectionParts {
  readonly postgres: "host" | "port" | "name" | "user" | "passwordFile" | "tls" | "sslmode" | "caFile";
  readonly redis: "host" | "port" | "user" | "passwordFile" | "tls" | "caFile";
  readonly objectStore: "url" | "bucket" | "region" | "accessKey" | "passwordFile";
  readonly mail: "host" | "port" | "from" | "tls" | "encrypted" | "user" | "passwordFile";
  readonly identity: "issuer";
  readonly endpoint: "host" | "port" | "address" | "url";
}
export type AnyConnectionPart = ConnectionParts[ResourceKind | "endpoint"];

/** The file of a secret that this service declares: `/run/secrets/<NAME>`, with `prefix` such as `file://` before it. */
export const file = <const S extends string>(secret: S, options: { readonly prefix?: string } = {}): SecretFile<S> => ({
  kind: "secret-file",
  secret,
  prefix: options.prefix ?? "",
});

/** The number of one of this service's own ports. */
export const port = <const P extends string>(name: P): PortNumber<P> => ({ kind: "port-number", port: name });

/** A part of a connection: `from("database", "host")`. For programs that don't read the names we derive. */
export const from = <const C extends string, const Part extends AnyConnectionPart>(
  connection: C,
  part: Part,
  options: { readonly prefix?: string } = {},
): ConnectionPart<C, Part> => ({ kind: "connection", connection, part, prefix: options.prefix ?? "" });

/** The public https address of a host of this environment, with the published port where it isn't 443. */
export const url = (host: string, path: `/${string}` | "" = ""): EnvironmentFact => ({ kind: "url", host, path });

/** The full name of a host of this environment: `host("auth")` is `auth.jlam.nl`; `@` is the domain itself. */
export const host = (name: string): EnvironmentFact => ({ kind: "host", host: name });

/** The name of the environment, such as `production`. */
export const environmentName = (): EnvironmentFact => ({ kind: "environment-name" });

/** The address range from which the proxy reaches this service: whose forwarded headers may be believed. */
export const proxyRange = (): EnvironmentFact => ({ kind: "proxy-range" });

/**
 * For an identity provider: the ranges of the proxy and of every service that signs people in through it, with commas.
 * Both tell it under which public name it was asked, and from nobody else may it believe that.
 */
export const frontRanges = (): EnvironmentFact => ({ kind: "front-ranges" });

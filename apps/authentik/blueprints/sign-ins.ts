/** What the services of an environment ask of the identity provider, as plain facts. */
import {
  accountsToken,
  clientSecret,
  publicUrl,
  takesCallback,
  type Duration,
  type ForwardAuthSignIn,
  type OidcSignIn,
  type Route,
  type Secret,
  type ServiceNode,
  type Surroundings,
} from "@jlam/compose-dsl";

/** A service that signs people in itself. */
export interface Client {
  readonly name: string;
  readonly signIn: OidcSignIn;
  /** Where people come back to after signing in. */
  readonly callback: string;
  /** The origin of the service: where people start, and come back to after signing out. */
  readonly home: string;
  /** Where it is told of sign-outs, inside; undefined where it isn't. */
  readonly signOutUrl: string | undefined;
}

/** A host that stands behind the wall. */
export interface Walled {
  /** The service's name, with the host where it has several. */
  readonly name: string;
  readonly origin: string;
  readonly signIn: ForwardAuthSignIn;
}

export interface SignIns {
  /** Public origin of the identity provider itself. */
  readonly origin: string;
  readonly clients: readonly Client[];
  readonly walled: readonly Walled[];
}

/** The file in the worker's container that holds the secret of a client. */
export const clientSecretName = (client: string): string => `OIDC_CLIENT_SECRET_${client.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}`;

/** The file that holds the token with which a client asks for accounts to be erased. */
export const accountsTokenName = (client: string): string => `OIDC_ACCOUNTS_TOKEN_${client.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}`;

/** The secret of every client, and the token of each that may erase accounts, by the name of its file. */
export function signInSecrets({ clients }: SignIns): Readonly<Record<string, Secret>> {
  const secrets: Record<string, Secret> = {};
  for (const { name, signIn } of clients) {
    secrets[clientSecretName(name)] = clientSecret(name);
    if (signIn.accounts === "erase") secrets[accountsTokenName(name)] = accountsToken(name);
  }
  return secrets;
}

/** Authentik's way to write a duration. */
export const seconds = ({ ms }: Duration): string => `seconds=${Math.round(ms / 1000)}`;

/** Everybody who says `signIn` and has a route. (One without is reported by the rule `sign-in-route`.) */
export function signInsOf(around: Surroundings, host: string): SignIns {
  const routes = Map.groupBy(around.routes, ({ to }) => to.service);
  return {
    origin: publicUrl(around, host),
    clients: around.services.flatMap((service) => clientOf(around, service, routes.get(service.name) ?? [])),
    walled: around.services.flatMap((service) => walledHosts(around, service, routes.get(service.name) ?? [])),
  };
}

function clientOf(around: Surroundings, { name, signIn }: ServiceNode, routes: readonly Route[]): readonly Client[] {
  if (signIn?.kind !== "oidc") return [];
  const landing = routes.find((route) => takesCallback(route, signIn.callback));
  if (landing === undefined) return [];
  const { service, number } = landing.to;
  const signOutUrl = signIn.backChannelLogout === undefined ? undefined : `http://${service}:${number}${signIn.backChannelLogout}`;
  return [{ name, signIn, callback: publicUrl(around, landing.host, signIn.callback), home: publicUrl(around, landing.host), signOutUrl }];
}

/** The outpost tells applications apart by host, so each host is an application of its own. */
function walledHosts(around: Surroundings, { name, signIn }: ServiceNode, routes: readonly Route[]): readonly Walled[] {
  if (signIn?.kind !== "forward-auth") return [];
  const hosts = [...new Set(routes.filter(({ openBecause }) => openBecause === undefined).map(({ host }) => host))];
  return hosts.map((host) => ({ name: hosts.length === 1 ? name : `${name}-${host === "@" ? "home" : host.replaceAll(".", "-")}`, origin: publicUrl(around, host), signIn }));
}

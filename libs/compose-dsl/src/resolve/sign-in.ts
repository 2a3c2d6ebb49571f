import { edge, type Endpoint } from "../model/edge.ts";
import type { EnvironmentNode } from "../model/environment.ts";
import type { Provider } from "../model/provider.ts";
import { identity } from "../model/resource.ts";
import type { Route } from "../model/route.ts";
import type { ClientSecret } from "../model/secret.ts";
import type { ServiceNode } from "../model/service.ts";
import { connectionParts, credentialId, secretPath } from "./connections.ts";
import { publicUrl } from "./host-name.ts";

/** Name of the file in which a service finds its client secret. */
export const clientSecretFile = "OIDC_CLIENT_SECRET";

/** Name of the file in which a service finds the token that lets it remove accounts. */
export const accountsTokenFile = "OIDC_ACCOUNTS_TOKEN";

/** Id of a secret that a service and the identity provider share: `identity-sign-in.web`, `identity-sign-in.web.accounts`. */
export const clientSecretId = ({ client, purpose }: Pick<ClientSecret, "client" | "purpose">): string =>
  credentialId(identity, purpose === "sign-in" ? client : `${client}.${purpose}`);

/** Whether a route takes the request with which people come back from signing in. */
export const takesCallback = (route: Pick<Route, "path">, callback: string): boolean =>
  route.path === "/" || callback === route.path || callback.startsWith(`${route.path}/`);

/** The port on which a service is told of sign-outs: that of the route by which people come back. Undefined where it isn't told. */
export function signOutEndpoint({ name, signIn }: ServiceNode, routes: readonly Route[]): Endpoint | undefined {
  if (signIn?.kind !== "oidc" || signIn.backChannelLogout === undefined) return undefined;
  return routes.find((route) => route.to.service === name && takesCallback(route, signIn.callback))?.to;
}

export const signInVariableNames: readonly string[] = [
  "OIDC_ISSUER",
  "OIDC_CLIENT_ID",
  "OIDC_CLIENT_SECRET_FILE",
  "OIDC_CALLBACK_URL",
  "OIDC_BACK_CHANNEL",
  "OIDC_REQUIRED_GROUPS",
  "OIDC_BACK_CHANNEL_LOGOUT_PATH",
  "OIDC_ACCOUNTS_API",
  "OIDC_ACCOUNTS_TOKEN_FILE",
];

/**
 * What a program of ours that signs people in is told, by variable: its issuer, itself, where people come back to, the
 * internal address of the identity provider, whom it lets in, where it is told of sign-outs, and how accounts are removed
 * if it may. Empty for services that don't, and where nothing offers it.
 */
export function signInVariables(service: ServiceNode, provider: Provider | undefined, environment: EnvironmentNode, routes: readonly Route[]): ReadonlyMap<string, string> {
  const clients = provider?.binding.clients;
  if (service.signIn?.kind !== "oidc" || !clients) return new Map();
  const { callback, groups, backChannelLogout, accounts } = service.signIn;
  const landing = routes.find((route) => route.to.service === service.name && takesCallback(route, callback));
  const { url } = connectionParts("identity", edge(identity, {}, service.at), provider);
  return new Map([
    ["OIDC_ISSUER", publicUrl(environment, clients.host, clients.issuerPath(service.name))],
    ["OIDC_CLIENT_ID", service.name],
    ["OIDC_CLIENT_SECRET_FILE", secretPath(clientSecretFile)],
    ...(landing ? [["OIDC_CALLBACK_URL", publicUrl(environment, landing.host, callback)] as const] : []),
    ...(url === undefined ? [] : [["OIDC_BACK_CHANNEL", url] as const]),
    ["OIDC_REQUIRED_GROUPS", groups.join(",")],
    ...(backChannelLogout === undefined ? [] : [["OIDC_BACK_CHANNEL_LOGOUT_PATH", backChannelLogout] as const]),
    ...(accounts === "erase" && url !== undefined
      ? ([["OIDC_ACCOUNTS_API", `${url}${clients.accountsPath}`], ["OIDC_ACCOUNTS_TOKEN_FILE", secretPath(accountsTokenFile)]] as const)
      : []),
  ]);
}

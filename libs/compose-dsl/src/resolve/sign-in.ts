import { edge } from "../model/edge.ts";
import type { EnvironmentNode } from "../model/environment.ts";
import type { Provider } from "../model/provider.ts";
import { identity } from "../model/resource.ts";
import type { Route } from "../model/route.ts";
import type { ServiceNode } from "../model/service.ts";
import { connectionParts, credentialId, secretPath } from "./connections.ts";
import { publicUrl } from "./host-name.ts";

/** Name of the file in which a service finds its client secret. */
export const clientSecretFile = "OIDC_CLIENT_SECRET";

/** Id of the secret that a service and the identity provider share: `identity-sign-in.web`. */
export const clientSecretId = (client: string): string => credentialId(identity, client);

/** Whether a route takes the request with which people come back from signing in. */
export const takesCallback = (route: Pick<Route, "path">, callback: string): boolean =>
  route.path === "/" || callback === route.path || callback.startsWith(`${route.path}/`);

export const signInVariableNames: readonly string[] = ["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET_FILE", "OIDC_CALLBACK_URL", "OIDC_BACK_CHANNEL"];

/**
 * What a program of ours that signs people in is told, by variable: its issuer, itself, where people come back to, and
 * the internal address of the identity provider. Empty for services that don't, and where nothing offers it.
 */
export function signInVariables(service: ServiceNode, provider: Provider | undefined, environment: EnvironmentNode, routes: readonly Route[]): ReadonlyMap<string, string> {
  const clients = provider?.binding.clients;
  if (service.signIn?.kind !== "oidc" || !clients) return new Map();
  const { callback } = service.signIn;
  const landing = routes.find((route) => route.to.service === service.name && takesCallback(route, callback));
  const { url } = connectionParts("identity", edge(identity, {}, service.at), provider);
  return new Map([
    ["OIDC_ISSUER", publicUrl(environment, clients.host, clients.issuerPath(service.name))],
    ["OIDC_CLIENT_ID", service.name],
    ["OIDC_CLIENT_SECRET_FILE", secretPath(clientSecretFile)],
    ...(landing ? [["OIDC_CALLBACK_URL", publicUrl(environment, landing.host, callback)] as const] : []),
    ...(url === undefined ? [] : [["OIDC_BACK_CHANNEL", url] as const]),
  ]);
}

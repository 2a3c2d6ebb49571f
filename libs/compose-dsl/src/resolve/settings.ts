import type { EnvironmentNode } from "../model/environment.ts";
import type { Provider } from "../model/provider.ts";
import { identity, resourceId } from "../model/resource.ts";
import type { Route } from "../model/route.ts";
import type { ServiceNode } from "../model/service.ts";
import type { Setting } from "../model/setting.ts";
import { connectionParts, connectionVariables, secretPath } from "./connections.ts";
import { hostName, publicUrl } from "./host-name.ts";
import { signInVariables } from "./sign-in.ts";
import type { Explained } from "./resolved.ts";
import type { Origin } from "../model/origin.ts";
import { declared, derivedFrom, overridden } from "./why.ts";

interface Context {
  readonly environment: EnvironmentNode;
  readonly providers: ReadonlyMap<string, Provider>;
  /** Subnet on which the proxy reaches the service. */
  readonly proxySubnet: string | undefined;
  /** Subnets on which the proxy and those who sign people in reach the service. */
  readonly frontSubnets: readonly string[];
  readonly routes: readonly Route[];
  /** Settings that an override wrote, with its place. */
  readonly overriddenSettings: ReadonlyMap<string, Origin>;
}

/**
 * The environment variables of a service, in the order: those that its connections and its sign-in give (only to
 * programs of our own, which know the names), then those that it declares.
 */
export function resolveSettings(service: ServiceNode, context: Context): ReadonlyMap<string, Explained<string>> {
  const variables = new Map<string, Explained<string>>();
  if (service.image.kind === "build") {
    for (const [connection, edge] of Object.entries(service.connects)) {
      const parts = connectionParts(connection, edge, providerOf(edge.target, context));
      for (const [name, value] of connectionVariables(connection, edge.target.kind, parts)) {
        variables.set(name, { value, why: derivedFrom(edge.at, `given by the connection "${connection}"`, `connects.${connection}`) });
      }
    }
    for (const [name, value] of signInVariables(service, context.providers.get(resourceId(identity)), context.environment, context.routes)) {
      variables.set(name, { value, why: derivedFrom(service.at, "given to a service that signs people in", "signIn") });
    }
  }
  for (const [name, setting] of Object.entries(service.settings)) {
    const value = settingText(setting, service, context);
    const override = context.overriddenSettings.get(name);
    if (value === undefined) continue;
    variables.set(name, { value, why: override ? overridden(override, `settings.${name}`) : declared(service.at, `settings.${name}`) });
  }
  return variables;
}

const providerOf = (target: ServiceNode["connects"][string]["target"], { providers }: Context): Provider | undefined =>
  target.kind === "endpoint" ? undefined : providers.get(resourceId(target));

/** The text of one setting, or undefined where the environment has none, such as the CA file of a connection without TLS. */
function settingText(setting: Setting, service: ServiceNode, context: Context): string | undefined {
  if (typeof setting !== "object") return String(setting);
  const { environment } = context;
  switch (setting.kind) {
    case "secret-file":
      return setting.prefix + secretPath(setting.secret);
    case "port-number":
      return String(service.ports[setting.port]?.number);
    case "connection": {
      const edge = service.connects[setting.connection];
      const text = edge && connectionParts(setting.connection, edge, providerOf(edge.target, context))[setting.part];
      return text === undefined ? undefined : setting.prefix + text;
    }
    case "url":
      return publicUrl(environment, setting.host, setting.path);
    case "host":
      return hostName(environment.domain, setting.host);
    case "environment-name":
      return environment.name;
    case "proxy-range":
      return context.proxySubnet;
    case "front-ranges":
      return context.frontSubnets.length > 0 ? context.frontSubnets.join(",") : undefined;
  }
}

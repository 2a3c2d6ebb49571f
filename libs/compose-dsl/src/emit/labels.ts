import type { ResolvedEnvironment, ResolvedRoute, ResolvedService } from "../resolve/resolved.ts";
import { byDefault, declared, derivedFrom } from "../resolve/why.ts";
import { literal } from "../compose/value.ts";
import { traefikLabels } from "../traefik/labels.ts";
import type { Trace } from "./trace.ts";
import { routeLabels } from "./traefik-routes.ts";

/** Who owns a container, what it holds, which rules it may break and why, and how the proxy reaches it. */
export function serviceLabels(service: ResolvedService, environment: ResolvedEnvironment, routes: readonly ResolvedRoute[], trace: Trace): Record<string, string> {
  const { node } = service;
  const labels: Record<string, string> = {};
  const put = (name: string, value: string, why: Parameters<Trace>[1]): void => {
    labels[name] = literal(value);
    trace([name], why);
  };
  put("nl.jlam.service", service.name, declared(node.at, ""));
  put("nl.jlam.environment", environment.name, derivedFrom(environment.node.at, "the environment's name"));
  put("nl.jlam.owner", node.owner, declared(node.at, "owner"));
  put("nl.jlam.zone", node.zone, node.written.includes("zone") ? declared(node.at, "zone") : byDefault("services are in the zone application unless they say otherwise"));
  put("nl.jlam.holds", node.holds, node.written.includes("holds") ? declared(node.at, "holds") : byDefault("services hold no personal data unless they say otherwise"));
  if (node.kind === "job") put("nl.jlam.one-shot", "true", declared(node.at, ""));
  for (const [rule, reason] of Object.entries(node.exceptions)) put(`nl.jlam.waiver.${rule}`, reason, declared(node.at, `exceptions.${rule}`));

  const labelled = routes.filter(({ via }) => via === "labels");
  const first = labelled[0];
  if (first?.network !== undefined && environment.proxy) {
    put("traefik.enable", "true", derivedFrom(first.route.at, "a route leads to it"));
    put("traefik.docker.network", networkName(environment, first.network), derivedFrom(first.route.at, "the network that it shares with the proxy"));
    for (const route of labelled) {
      const labels = traefikLabels(routeLabels(route, environment.proxy, environment.node));
      for (const [name, value] of Object.entries(labels)) put(name, value, derivedFrom(route.route.at, "the route"));
    }
  }
  return labels;
}

/** A network's name on the host: Compose would prefix it, and labels need to know it. */
export const networkName = ({ name }: Pick<ResolvedEnvironment, "name">, network: string): string => `jlam-${name}-${network}`;

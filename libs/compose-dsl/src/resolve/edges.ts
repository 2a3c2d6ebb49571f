import { edge as makeEdge } from "../model/edge.ts";
import type { EnvironmentNode } from "../model/environment.ts";
import type { Provider } from "../model/provider.ts";
import { identity, resourceId } from "../model/resource.ts";
import type { Route } from "../model/route.ts";
import type { ServiceNode } from "../model/service.ts";
import type { Proxy } from "../model/stack.ts";
import type { ResolvedEdge, ResolvedNetwork } from "./resolved.ts";
import { signOutEndpoint } from "./sign-in.ts";
import { allocateSubnets, parseRange, placesIn } from "./subnets.ts";

/** The network of an edge, named after both ends. */
export const edgeNetwork = (from: string, to: string): string => `${from}--${to}`;
/** The network through which a service reaches addresses outside. */
export const outsideNetwork = (service: string): string => `${service}--outside`;

/** Every connection of the environment: those that services declare, those that signing people in needs, and the proxy's to every routed service. */
export function resolveEdges(
  services: readonly ServiceNode[],
  routes: readonly Route[],
  proxy: Proxy | undefined,
  providers: ReadonlyMap<string, Provider>,
): readonly ResolvedEdge[] {
  const edges: ResolvedEdge[] = [];
  for (const from of services) {
    for (const [connection, edge] of Object.entries(from.connects)) {
      const to = targetService(edge.target, providers);
      edges.push({ from, connection, edge, to, network: to === undefined ? undefined : edgeNetwork(from.name, to) });
    }
    const backChannel = signInEdge(from, providers);
    if (backChannel) edges.push(backChannel);
  }
  edges.push(...signOutEdges(services, routes, providers));
  if (proxy) edges.push(...proxyEdges(proxy, routes, providers));
  return edges;
}

/**
 * The back channel on which a service that signs people in itself asks for their tokens.
 * It doesn't wait: the first start of an identity provider takes minutes, most pages need none, and a member who comes
 * too early is told to try again. Waiting would also leave the service out wherever the provider's image can't be had.
 */
function signInEdge(from: ServiceNode, providers: ReadonlyMap<string, Provider>): ResolvedEdge | undefined {
  if (from.signIn?.kind !== "oidc" || !providers.has(resourceId(identity))) return undefined;
  const to = targetService(identity, providers);
  return {
    from,
    connection: undefined,
    edge: makeEdge(identity, { because: "signs people in: exchanges the code that they bring for tokens", wait: false }, from.at),
    to,
    network: to === undefined ? undefined : edgeNetwork(from.name, to),
  };
}

/** The other way round: the identity provider tells services of sign-outs, so that no session outlives one. */
function signOutEdges(services: readonly ServiceNode[], routes: readonly Route[], providers: ReadonlyMap<string, Provider>): readonly ResolvedEdge[] {
  const teller = providers.get(resourceId(identity))?.binding.clients?.tellsSignOuts;
  const from = services.find(({ name }) => name === teller);
  if (from === undefined) return [];
  return services.flatMap((client) => {
    const to = signOutEndpoint(client, routes);
    if (to === undefined) return [];
    const edge = makeEdge(to, { because: "tells it of sign-outs, which end its sessions", wait: false }, client.at);
    return [{ from, connection: undefined, edge, to: client.name, network: edgeNetwork(from.name, client.name) }];
  });
}

function proxyEdges(proxy: Proxy, routes: readonly Route[], providers: ReadonlyMap<string, Provider>): readonly ResolvedEdge[] {
  const endpoints = routes.map(({ to, at }) => ({ to, at, because: "a route leads there" }));
  const wall = [...providers.values()].find(({ binding }) => binding.wall);
  if (wall?.binding.wall) endpoints.push({ to: wall.binding.wall.outpost, at: wall.at, because: "asks whether a visitor has signed in" });
  const seen = new Set<string>();
  const edges: ResolvedEdge[] = [];
  for (const { to, at, because } of endpoints) {
    if (seen.has(to.service) || to.service === proxy.service.name) continue;
    seen.add(to.service);
    edges.push({
      from: proxy.service,
      connection: undefined,
      edge: makeEdge(to, { because, wait: false }, at),
      to: to.service,
      network: edgeNetwork(proxy.service.name, to.service),
    });
  }
  return edges;
}

/** The service that answers for a target, or undefined where it is outside or nobody provides it. */
function targetService(target: ResolvedEdge["edge"]["target"], providers: ReadonlyMap<string, Provider>): string | undefined {
  if (target.kind === "endpoint") return target.service;
  const address = providers.get(resourceId(target))?.binding.address;
  return address?.kind === "container" ? address.endpoint.service : undefined;
}

/** A network for every edge between two services, and one for every service that must get out; without subnets where the range can't hold them. */
export function resolveNetworks(
  environment: EnvironmentNode,
  services: readonly ServiceNode[],
  edges: readonly ResolvedEdge[],
): ReadonlyMap<string, ResolvedNetwork> {
  const drafts = new Map<string, Omit<ResolvedNetwork, "subnet">>();
  for (const { from, connection, edge, to, network } of edges) {
    if (network === undefined || to === undefined || to === from.name || drafts.has(network)) continue;
    // What the others declare themselves (their databases) is not the stand-in's business.
    const standIns = connection === undefined ? services.filter(({ standsInFor }) => standsInFor.includes(from.name) || standsInFor.includes(to)) : [];
    drafts.set(network, { name: network, internal: true, members: [from.name, to, ...standIns.map(({ name }) => name)], because: edge.because ?? `${from.name} uses ${to}`, at: edge.at });
  }
  const reachesOutside = new Set(edges.filter(({ to }) => to === undefined).map(({ from }) => from.name));
  for (const { name, reachesOutside: because, at } of services) {
    if (because === undefined && !reachesOutside.has(name)) continue;
    const network = outsideNetwork(name);
    drafts.set(network, { name: network, internal: false, members: [name], because: because ?? "what it connects to is outside", at });
  }
  const range = parseRange(environment.range);
  const fits = range !== undefined && drafts.size <= placesIn(range);
  const subnets = fits ? allocateSubnets(range, [...drafts.keys()]) : new Map<string, string>();
  return new Map([...drafts].map(([name, draft]) => [name, { ...draft, subnet: subnets.get(name) ?? "" }]));
}

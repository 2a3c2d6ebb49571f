import type { Diagnostic } from "../check/diagnostic.ts";
import { unsettledStacks, unprovidedResource, unknownOverride, duplicateService, unknownTarget, badRange, smallRange, severalProxies, noProxy } from "../check/resolution.ts";
import type { EnvironmentNode } from "../model/environment.ts";
import type { Origin } from "../model/origin.ts";
import type { Provider } from "../model/provider.ts";
import { resourceId } from "../model/resource.ts";
import type { Route } from "../model/route.ts";
import type { ServiceNode } from "../model/service.ts";
import type { Proxy } from "../model/stack.ts";
import type { Volume } from "../model/storage.ts";
import { versionInUse } from "../model/secret-values.ts";
import { credentialId } from "./connections.ts";
import { colouredName, colours } from "./colours.ts";
import { resolveDependencies } from "./dependencies.ts";
import { edgeNetwork, resolveEdges, resolveNetworks } from "./edges.ts";
import { imageProfile, resolveImage } from "./images.ts";
import { resolveMounts } from "./mounts.ts";
import { applyOverrides } from "./overrides.ts";
import type { ResolvedEnvironment, ResolvedNetwork, ResolvedEdge, ResolvedService, ResolvedStack } from "./resolved.ts";
import { resolveRoutes } from "./routes.ts";
import { resolveSecrets } from "./secrets.ts";
import { resolveSettings } from "./settings.ts";
import { parseRange, placesIn } from "./subnets.ts";
import { settleStacks } from "./surroundings.ts";
import { derivedFrom } from "./why.ts";

interface Member {
  readonly stack: string;
  readonly node: ServiceNode;
  readonly overridden: ReadonlyMap<string, Origin>;
}

/** The provider with the logins that belong to the passwords in use. */
const atVersionsInUse = (provider: Provider, { secrets }: EnvironmentNode): Provider => ({
  ...provider,
  binding: { ...provider.binding, user: (role, version = versionInUse(secrets, credentialId(provider.provides, role))) => provider.binding.user(role, version) },
});

/**
 * Works an environment out until nothing is left to decide. Pure: no clock, disk or network, and the same input gives
 * the same output. Never throws for what a person wrote; that is in `problems`.
 */
export function resolveEnvironment(environment: EnvironmentNode): ResolvedEnvironment {
  const problems: Diagnostic[] = [];
  const { stacks, unsettled } = settleStacks(environment);
  if (unsettled.length > 0) problems.push(unsettledStacks(environment, unsettled));

  for (const { content } of stacks) {
    for (const finding of content.findings ?? []) problems.push({ ...finding, subject: `${environment.name} ${finding.subject}` });
  }

  const providers = new Map<string, Provider>();
  for (const provider of environment.provides) providers.set(resourceId(provider.provides), atVersionsInUse(provider, environment));

  const members = new Map<string, Member>();
  const { overrideOf, unused } = applyOverrides(environment.overrides);
  const add = (stack: string, declaredNode: ServiceNode): void => {
    const known = members.get(declaredNode.name);
    if (known) problems.push(duplicateService(environment, declaredNode, known.node));
    else members.set(declaredNode.name, { stack, ...overrideOf(declaredNode) });
  };
  for (const provider of environment.provides) {
    for (const node of provider.services) add(resourceId(provider.provides), node);
  }
  for (const { stack, content } of stacks) for (const node of content.services) add(stack.name, node);
  for (const override of unused()) problems.push(unknownOverride(environment, override, [...members.keys()]));

  const nodes = new Map([...members].map(([name, { node }]) => [name, node]));
  const proxies = stacks.flatMap(({ content }) => (content.proxy ? [content.proxy] : []));
  if (proxies.length > 1) problems.push(severalProxies(environment, proxies));
  const proxy = proxies[0];
  const routes = [...environment.provides.flatMap((provider) => provider.routes), ...stacks.flatMap(({ content }) => content.routes)];
  if (!proxy && routes[0]) problems.push(noProxy(environment, routes[0]));

  const edges = resolveEdges([...nodes.values()], routes, proxy, providers);
  problems.push(...danglingTargets(environment, edges, nodes, providers, routes));
  const networks = resolveNetworks(environment, [...nodes.values()], edges);
  const range = parseRange(environment.range);
  if (!range) problems.push(badRange(environment));
  else if (networks.size > placesIn(range)) problems.push(smallRange(environment, networks.size, placesIn(range)));
  const { secrets, files } = resolveSecrets([...nodes.values()], edges, providers);

  const frontSubnets = subnetsOfFronts(edges, networks, proxy);
  const networksOf = attachments(networks, nodes, proxy);
  const edgesOf = Map.groupBy(edges, ({ from }) => from.name);
  const services = new Map<string, ResolvedService>();
  for (const [name, { stack, node, overridden }] of members) {
    const proxySubnet = proxy && networks.get(edgeNetwork(proxy.service.name, name))?.subnet;
    const overriddenSettings = settingsOverridden(overridden);
    services.set(name, {
      name,
      stack,
      node,
      overridden,
      image: resolveImage(node, environment),
      profile: node.standsInFor.length > 0 ? node.name : imageProfile(node.image, environment),
      environment: resolveSettings(node, { environment, providers, proxySubnet, frontSubnets: frontSubnets.get(name) ?? [], routes, overriddenSettings }),
      secrets: files.get(name) ?? [],
      networks: networksOf.get(name) ?? [],
      dependsOn: resolveDependencies(node, edgesOf.get(name) ?? [], providers, nodes),
      mounts: resolveMounts(node),
    });
  }
  return {
    name: environment.name,
    node: environment,
    stacks: joinStacks([...providerStacks(environment), ...stacks.map(({ stack }) => stack.name)], services),
    services,
    networks,
    volumes: namedVolumes(nodes.values()),
    secrets,
    routes: proxy ? resolveRoutes(environment, routes, nodes, proxy) : [],
    edges,
    providers,
    proxy,
    problems,
  };
}

const providerStacks = ({ provides }: EnvironmentNode): readonly string[] =>
  provides.filter(({ services }) => services.length > 0).map((provider) => resourceId(provider.provides));

function settingsOverridden(overridden: ReadonlyMap<string, Origin>): ReadonlyMap<string, Origin> {
  const settings = new Map<string, Origin>();
  for (const [field, at] of overridden) if (field.startsWith("settings.")) settings.set(field.slice("settings.".length), at);
  return settings;
}

function danglingTargets(
  environment: EnvironmentNode,
  edges: readonly ResolvedEdge[],
  nodes: ReadonlyMap<string, ServiceNode>,
  providers: ReadonlyMap<string, Provider>,
  routes: readonly Route[],
): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const { from, edge, to } of edges) {
    if (edge.target.kind !== "endpoint" && !providers.has(resourceId(edge.target))) found.push(unprovidedResource(environment, from, edge.target));
    else if (to !== undefined && !nodes.has(to)) found.push(unknownTarget(environment, to, edge.at, [...nodes.keys()]));
  }
  for (const node of nodes.values()) {
    if (node.signIn && !providers.has("identity-sign-in")) found.push(unprovidedResource(environment, node, { kind: "identity", name: "sign-in" }));
  }
  for (const { to, at } of routes) if (!nodes.has(to.service)) found.push(unknownTarget(environment, to.service, at, [...nodes.keys()]));
  return found;
}

/** For each service the subnets of the proxy and of those that sign people in through it. */
function subnetsOfFronts(edges: readonly ResolvedEdge[], networks: ReadonlyMap<string, ResolvedNetwork>, proxy: Proxy | undefined): ReadonlyMap<string, readonly string[]> {
  const fronts = new Map<string, readonly string[]>();
  for (const { from, connection, edge, to, network } of edges) {
    const subnet = network === undefined ? undefined : networks.get(network)?.subnet;
    const isFront = connection === undefined && (from.name === proxy?.service.name || edge.target.kind === "identity");
    if (to !== undefined && subnet !== undefined && isFront) fronts.set(to, [...new Set([...(fronts.get(to) ?? []), subnet])].sort());
  }
  return fronts;
}

/** Which networks each service is on. A service that is released blue/green is found there under its colour's name. */
function attachments(
  networks: ReadonlyMap<string, ResolvedNetwork>,
  nodes: ReadonlyMap<string, ServiceNode>,
  proxy: Proxy | undefined,
): ReadonlyMap<string, ResolvedService["networks"]> {
  const attached = new Map<string, ResolvedService["networks"][number][]>();
  for (const { name, members, because, at } of networks.values()) {
    for (const member of members) {
      const node = nodes.get(member);
      const colour = node?.release.kind === "blue-green" && members[0] === proxy?.service.name;
      const list = attached.get(member) ?? [];
      attached.set(member, list);
      const answered = members.slice(0, 2).filter((other) => node?.standsInFor.includes(other) === true);
      list.push({ name, aliases: [...(colour ? [colouredName(member, colours[0])] : []), ...answered], why: derivedFrom(at, because) });
    }
  }
  return attached;
}

function namedVolumes(nodes: Iterable<ServiceNode>): ReadonlyMap<string, Volume> {
  const volumes = new Map<string, Volume>();
  for (const { mounts } of nodes) {
    for (const mount of Object.values(mounts)) if (mount.kind === "volume") volumes.set(mount.name, mount);
  }
  return volumes;
}

function joinStacks(names: readonly string[], services: ReadonlyMap<string, ResolvedService>): readonly ResolvedStack[] {
  const byStack = Map.groupBy(services.values(), ({ stack }) => stack);
  return names.map((name) => {
    const own = byStack.get(name) ?? [];
    const includes = new Set<string>();
    for (const { dependsOn } of own) {
      for (const { service } of dependsOn) {
        const stack = services.get(service)?.stack;
        if (stack !== undefined && stack !== name) includes.add(stack);
      }
    }
    return { name, services: own, includes: [...includes].sort() };
  });
}

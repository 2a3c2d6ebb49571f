import { isReleased, type EnvironmentNode } from "../model/environment.ts";
import type { Proxy } from "../model/stack.ts";
import { machines } from "../model/sign-in.ts";
import { proxyDial, proxyIdle } from "../model/release.ts";
import { colouredName, colours, isColoured, type Colour } from "../resolve/colours.ts";
import { outsideNetwork } from "../resolve/edges.ts";
import { gatewayOf } from "../resolve/subnets.ts";
import type { ResolvedEnvironment, ResolvedRoute } from "../resolve/resolved.ts";
import { outpostPriority, routeRule } from "../resolve/route-rule.ts";
import type { DynamicConfiguration, HttpConfiguration, Router } from "../traefik/dynamic.ts";
import type { LabelledConfiguration } from "../traefik/labels.ts";
import type { Middleware } from "../traefik/middleware.ts";
import { and, clientIp, headerRegexp, host as hostRule, pathPrefix, ruleText, type Rule } from "../traefik/rule.ts";

interface RouterAndMiddlewares {
  readonly routers: Readonly<Record<string, Router>>;
  readonly middlewares?: Readonly<Record<string, Middleware>>;
}

/** Router and own middlewares of one route: the part that labels and files say alike. */
function routerAndMiddlewares(resolved: ResolvedRoute, proxy: Proxy, environment: EnvironmentNode): RouterAndMiddlewares {
  const { name, route, own, shared, walled } = resolved;
  const ownMiddlewares: Record<string, Middleware> = {};
  for (const { name: middleware, configuration } of own) ownMiddlewares[`${name}-${middleware}`] = configuration;
  const middlewares = [
    ...shared.map(({ name: middleware }) => `${middleware}@file`),
    ...(walled ? [`${signInMiddleware}@file`] : []),
    ...Object.keys(ownMiddlewares),
  ];
  const router: Router = {
    entryPoints: [proxy.entryPoint],
    rule: ruleText(routeRule(resolved)),
    service: name,
    // Labels can't say an empty list.
    ...(middlewares.length > 0 && { middlewares }),
    ...(route.priority !== undefined && { priority: route.priority }),
    tls: tlsOf(resolved.host, environment),
  };
  return { routers: { [name]: router }, ...(own.length > 0 && { middlewares: ownMiddlewares }) };
}

const signInMiddleware = "sign-in";

/**
 * A router that names a resolver gets a certificate for its own host, whatever domains the entry point asks for, so
 * each names the wildcard that covers it. A host further down has one of its own: a wildcard stands for one name.
 */
function tlsOf(host: string, { certificates, domain }: EnvironmentNode): NonNullable<Router["tls"]> {
  if (certificates.kind !== "acme") return {};
  const covered = host === domain || host.slice(host.indexOf(".") + 1) === domain;
  return { certResolver: "acme", ...(certificates.wildcard && covered && { domains: [{ main: domain, sans: [`*.${domain}`] }] }) };
}

/** A route as labels: the container that carries them is the server. */
export function routeLabels(resolved: ResolvedRoute, proxy: Proxy, environment: EnvironmentNode): LabelledConfiguration {
  return {
    ...routerAndMiddlewares(resolved, proxy, environment),
    services: { [resolved.name]: { loadBalancer: { server: { port: resolved.port } } } },
  };
}

/** Files that synth adds to the proxy's watched directory, by name. */
export function proxyFiles(environment: ResolvedEnvironment): ReadonlyMap<string, { readonly http: HttpConfiguration }> {
  const files = new Map<string, { readonly http: HttpConfiguration }>();
  const { proxy, node } = environment;
  if (!proxy) return files;
  files.set("middlewares.yaml", { http: { middlewares: Object.fromEntries(proxy.everyRoute.map(({ name, configuration }) => [name, configuration])) } });
  const wall = signInWall(environment, proxy);
  if (wall) files.set("sign-in.yaml", { http: wall });
  const withPassword = machineRoutes(environment, proxy);
  if (withPassword) files.set("machines.yaml", { http: withPassword });
  const byService = Map.groupBy(environment.routes.filter(({ via }) => via === "file"), ({ service }) => service);
  for (const [service, routes] of byService) {
    const switched = switchedRoutes(environment, service, colours[0]);
    files.set(`${service}.yaml`, { http: switched ?? routesInFile(routes, proxy, node) });
  }
  const api = releaseApi(environment);
  if (api) files.set("release.yaml", { http: api });
  return files;
}

/**
 * Walled routes for who brings `Authorization: Basic`: asked before the people's route, since the rule is longer. A wrong
 * password is refused there; nobody is sent to sign in.
 */
function machineRoutes({ routes, services, node }: ResolvedEnvironment, proxy: Proxy): HttpConfiguration | undefined {
  const open = routes.filter(({ walled, via, service }) => {
    const signIn = services.get(service)?.node.signIn;
    return walled && via === "labels" && signIn?.kind === "forward-auth" && signIn.machines;
  });
  if (open.length === 0) return undefined;
  const routers = open.map((resolved): [string, Router] => {
    const { routers: of } = routerAndMiddlewares({ ...resolved, walled: false }, proxy, node);
    const { middlewares = [], ...router } = of[resolved.name] ?? {};
    return [
      `${resolved.name}-machines`,
      { ...router, rule: ruleText(and(routeRule(resolved), headerRegexp("Authorization", "(?i)^basic "))), service: `${resolved.name}@docker`, middlewares: [...middlewares.map((name) => (name.includes("@") ? name : `${name}@docker`)), `${machines.middleware}@file`] },
    ];
  });
  return { routers: Object.fromEntries(routers) };
}

/** The host name under which the host itself asks the proxy's API, on the entry point for releases. */
export const releaseApiHost = "release.internal";

/**
 * Files of which a release puts one into the proxy's watched directory: `switch/blue/web.yaml` leads visitors to blue,
 * `preview/blue/web.yaml` the host alone.
 */
export function switchFiles(environment: ResolvedEnvironment): ReadonlyMap<string, DynamicConfiguration> {
  const files = new Map<string, DynamicConfiguration>();
  for (const service of new Set(environment.routes.map(({ service }) => service))) {
    for (const colour of colours) {
      const [served, previewed] = [switchedRoutes(environment, service, colour), previewRoutes(environment, service, colour)];
      if (served) files.set(`switch/${colour}/${service}.yaml`, { http: served });
      if (previewed) files.set(`preview/${colour}/${service}.yaml`, { http: previewed, tls: { options: { [previewTls]: { minVersion: "VersionTLS12", sniStrict: false } } } });
    }
  }
  return files;
}

/**
 * TLS of previews: with any certificate, since on an empty host there is none yet for the name, and the host is asked by
 * whoever reached it otherwise. It is TLS all the same, so that programs and headers are as visitors will find them.
 */
const previewTls = "preview";

const msPerSecond = 1000;

/** The routes of a coloured service while `colour` serves; undefined where it has no colours. */
function switchedRoutes(environment: ResolvedEnvironment, service: string, colour: Colour): HttpConfiguration | undefined {
  const { proxy, node } = environment;
  const routes = routesOfColours(environment, service);
  if (!proxy || routes.length === 0) return undefined;
  return {
    ...routesInFile(routes, proxy, node, { server: colouredName(service, colour), transport: service }),
    serversTransports: { [service]: { forwardingTimeouts: { dialTimeout: `${proxyDial.ms / msPerSecond}s`, idleConnTimeout: `${proxyIdle.ms / msPerSecond}s` } } },
  };
}

/** The same routes to a colour that doesn't serve, for the host alone, in a file of their own: what visitors reach stays as it is. */
function previewRoutes(environment: ResolvedEnvironment, service: string, colour: Colour): HttpConfiguration | undefined {
  const { proxy, node } = environment;
  const routes = routesOfColours(environment, service);
  const only = proxy && fromHostOnly(environment, proxy);
  if (!proxy || !only || routes.length === 0) return undefined;
  const previews = routes.map((route) => ({ ...route, name: `${route.name}${previewSuffix}` }));
  const { routers = {}, ...rest } = routesInFile(previews, proxy, node, { server: colouredName(service, colour) });
  const guarded = previews.flatMap((route) => {
    const router = routers[route.name];
    return router ? [[route.name, { ...router, entryPoints: [only.entryPoint], rule: ruleText(and(routeRule(route), only.rule)), tls: { options: `${previewTls}@file` } }] as const] : [];
  });
  return { routers: Object.fromEntries(guarded), ...rest };
}

/** Ends the names of preview routers, of their services and of their own middlewares. */
export const previewSuffix = "-preview";

function routesOfColours({ routes, services, node }: ResolvedEnvironment, service: string): readonly ResolvedRoute[] {
  const resolved = services.get(service);
  return resolved && isColoured(resolved.node, node) ? routes.filter((route) => route.service === service) : [];
}

/** The proxy's API, for the host: by it a release sees that a switch has happened. */
function releaseApi(environment: ResolvedEnvironment): HttpConfiguration | undefined {
  const { proxy, node } = environment;
  const only = proxy && isReleased(node) ? fromHostOnly(environment, proxy) : undefined;
  return only && { routers: { "release-api": { entryPoints: [only.entryPoint], rule: ruleText(and(hostRule(releaseApiHost), only.rule)), service: "api@internal" } } };
}

/**
 * Only the host itself has the gateway's address on the network through which the proxy alone reaches the outside; the
 * proxy's other neighbours reach the entry point, and match no rule there.
 */
function fromHostOnly({ networks }: ResolvedEnvironment, { service, forHost }: Proxy): { readonly entryPoint: string; readonly rule: Rule } | undefined {
  const gateway = gatewayOf(networks.get(outsideNetwork(service.name))?.subnet ?? "");
  return forHost === undefined || gateway === undefined ? undefined : { entryPoint: forHost.entryPoint, rule: clientIp(gateway) };
}

/** The file of a service whose routes no labels can say: one that is released blue/green, or the proxy itself. */
function routesInFile(routes: readonly ResolvedRoute[], proxy: Proxy, environment: EnvironmentNode, { server, transport }: { readonly server?: string; readonly transport?: string } = {}): HttpConfiguration {
  const routers: Record<string, Router> = {};
  const services: Record<string, NonNullable<HttpConfiguration["services"]>[string]> = {};
  const middlewares: Record<string, Middleware> = {};
  for (const route of routes) {
    const part = routerAndMiddlewares(route, proxy, environment);
    Object.assign(routers, part.routers);
    Object.assign(middlewares, part.middlewares);
    services[route.name] = { loadBalancer: { servers: [{ url: `http://${server ?? serverName(route)}:${route.port}` }], ...(transport !== undefined && { serversTransport: transport }) } };
  }
  return { routers, services, ...(Object.keys(middlewares).length > 0 && { middlewares }) };
}

/** The one colour that there is where nothing is released; the proxy reaches its own ports without a network. */
const serverName = ({ service, network }: ResolvedRoute): string => (network === undefined ? "127.0.0.1" : colouredName(service, colours[0]));

/** The wall's middleware, and on every protected host the path under which the identity provider answers. */
function signInWall(environment: ResolvedEnvironment, proxy: Proxy): HttpConfiguration | undefined {
  const wall = [...environment.providers.values()].find(({ binding }) => binding.wall)?.binding.wall;
  const walled = environment.routes.filter((route) => route.walled);
  if (!wall || walled.length === 0) return undefined;
  const routers: Record<string, Router> = {};
  for (const { name, host } of walled) {
    routers[`${name}-sign-in`] = {
      entryPoints: [proxy.entryPoint],
      rule: ruleText(and(hostRule(host), pathPrefix(`${wall.outpostPath}/`))),
      service: signInMiddleware,
      middlewares: proxy.everyRoute.map(({ name: middleware }) => `${middleware}@file`),
      priority: outpostPriority,
      tls: tlsOf(host, environment.node),
    };
  }
  return {
    routers,
    services: { [signInMiddleware]: { loadBalancer: { servers: [{ url: `http://${wall.outpost.service}:${wall.outpost.number}` }] } } },
    middlewares: { [signInMiddleware]: wall.middleware.configuration },
  };
}

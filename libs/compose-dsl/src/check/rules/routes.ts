import type { Middleware } from "../../model/middleware.ts";
import type { ResolvedEnvironment, ResolvedRoute } from "../../resolve/resolved.ts";
import { outpostPriority, routeRule } from "../../resolve/route-rule.ts";
import { ruleText } from "../../traefik/rule.ts";
import { place, type Finding, type Rule } from "../rule.ts";

const isDnsName = (name: string): boolean => name.length <= 253 && name.split(".").every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label));

/** A path as requests have it (segments of RFC 3986's pchar), to be compared whole segments at a time. */
const isPlainPath = (path: string): boolean => path === "/" || /^(\/[A-Za-z0-9._~!$&'()*+,;=:@%-]+)+$/.test(path);

export const routeHost: Rule = {
  name: "route-host",
  severity: "error",
  why: "the environment's certificates and DNS records are for its own domain, so nobody could open the address",
  *check({ routes, node: { domain } }) {
    for (const { name, host, route } of routes) {
      if (!isDnsName(host)) {
        yield { subject: name, message: `"${host}" is not a host name`, fix: "use small letters, digits and hyphens, divided by dots", at: route.at };
      } else if (host !== domain && !host.endsWith(`.${domain}`)) {
        yield {
          subject: name,
          message: `the route "${name}" is for ${host}, which lies outside the domain ${domain}`,
          fix: 'write the part before the domain, such as host: "auth", or "@" for the domain itself',
          at: route.at,
        };
      }
    }
  },
};

export const routePath: Rule = {
  name: "route-path",
  severity: "error",
  why: "a route takes its path and everything below it, whole segments at a time; another text would match nothing, or too much",
  *check({ routes }) {
    for (const { name, route } of routes) {
      if (!isPlainPath(route.path)) {
        yield { subject: name, message: `"${route.path}" is not the path of a route`, fix: 'begin with a slash and end without one, without placeholders or a query: "/api"', at: route.at };
      }
      if (route.methods?.length === 0) {
        yield { subject: name, message: `the route "${name}" takes no method at all`, fix: "leave `methods` out to take all of them", at: route.at };
      }
    }
  },
};

export const routePriority: Rule = {
  name: "route-priority",
  severity: "error",
  why: `from ${outpostPriority} on, a route would come before the sign-in wall's own path; Traefik takes 0 as "not said"`,
  *check({ routes }) {
    for (const { name, route } of routes) {
      const { priority } = route;
      if (priority === undefined || (Number.isInteger(priority) && priority >= 1 && priority < outpostPriority)) continue;
      yield { subject: name, message: `the priority of "${name}" is ${priority}`, fix: `write a whole number from 1 to ${outpostPriority - 1}, or none`, at: route.at };
    }
  },
};

export const routerName: Rule = {
  name: "router-name",
  severity: "error",
  why: "Traefik drops what is defined twice under one name",
  *check({ routes, proxy, providers }) {
    const routers = new Map<string, ResolvedRoute>();
    for (const resolved of routes) {
      const other = routers.get(resolved.name);
      if (other === undefined) routers.set(resolved.name, resolved);
      else yield twice("router", resolved.name, other.route.at, resolved.route.at);
    }
    const middlewares = new Map<string, Middleware>();
    const wall = [...providers.values()].find(({ binding }) => binding.wall)?.binding.wall;
    const named: readonly (readonly [string, Middleware])[] = [
      ...(wall ? [["sign-in", wall.middleware] as const] : []),
      ...(proxy?.everyRoute ?? []).map((middleware) => [middleware.name, middleware] as const),
      ...[...routers.values()].flatMap(({ name, own }) => own.map((middleware) => [`${name}-${middleware.name}`, middleware] as const)),
    ];
    for (const [name, middleware] of named) {
      const other = middlewares.get(name);
      if (other === undefined) middlewares.set(name, middleware);
      else yield twice("middleware", name, other.at, middleware.at);
    }
  },
};

const twice = (what: string, name: string, first: Middleware["at"], second: Middleware["at"]): Finding => ({
  subject: name,
  message: `two ${what}s are called "${name}"; the other is at ${place(first)}`,
  fix: what === "router" ? "lead one of them to another host or path, or join them" : "rename one of them",
  at: second,
});

interface Reach {
  readonly resolved: ResolvedRoute;
  readonly priority: number;
  readonly index: number;
}

export const routeShadow: Rule = {
  name: "route-shadow",
  severity: "error",
  why: "Traefik asks the route with the higher priority first (the length of its rule, where none is written), so the other gets no request, or gets some by chance",
  *check(environment) {
    const reaches = environment.routes
      .filter(({ route, host }) => isDnsName(host) && isPlainPath(route.path) && route.methods?.length !== 0)
      .map((resolved, index): Reach => ({ resolved, index, priority: resolved.route.priority ?? ruleText(routeRule(resolved)).length }));
    const byPlace = Map.groupBy(reaches, ({ resolved: { host, route } }) => `${host}${route.path}`);
    for (const hidden of reaches) {
      const { host, route } = hidden.resolved;
      for (const other of broaderPaths(route.path).flatMap((path) => byPlace.get(`${host}${path}`) ?? [])) {
        const message = clash(other, hidden);
        if (message === undefined) continue;
        yield {
          subject: hidden.resolved.name,
          message: `${message} (${place(other.resolved.route.at)})`,
          fix: "give them different hosts, paths or methods, or the narrower one the higher `priority`",
          at: route.at,
        };
      }
    }
    yield* behindTheWall(environment);
  },
};

/** `/a/b` → `/a/b`, `/a`, `/`: the paths whose routes take its requests too. */
function broaderPaths(path: string): readonly string[] {
  if (path === "/") return ["/"];
  const segments = path.split("/").slice(1);
  return [...segments.map((_, index) => `/${segments.slice(0, segments.length - index).join("/")}`), "/"];
}

/** What is wrong with `hidden` because of a route that takes the same path or one above it; undefined when nothing is. */
function clash(other: Reach, hidden: Reach): string | undefined {
  if (other === hidden) return undefined;
  const [a, b] = [other.resolved, hidden.resolved];
  const address = `${b.host}${b.route.path}`;
  const isSamePath = a.route.path === b.route.path;
  if (isSamePath && other.priority === hidden.priority) {
    return other.index < hidden.index && meet(a, b) ? `two routes take ${address}: "${a.name}" and "${b.name}"` : undefined;
  }
  if (covers(a, b)) {
    return other.priority >= hidden.priority
      ? `the route "${b.name}" for ${address} is never asked: "${a.name}" takes all of its requests first, with priority ${other.priority} against ${hidden.priority}`
      : undefined;
  }
  const isChance = isSamePath && other.index < hidden.index && a.route.priority === undefined && b.route.priority === undefined;
  return isChance && !covers(b, a) && meet(a, b)
    ? `two routes take ${address}: "${a.name}" and "${b.name}" share a method, and which is asked hangs on the length of their rules`
    : undefined;
}

/** Whether `a` takes every method that `b` takes. */
const covers = (a: ResolvedRoute, b: ResolvedRoute): boolean => a.route.methods === undefined || (b.route.methods?.every((method) => takes(a, method)) ?? false);
/** Whether they share a method. */
const meet = (a: ResolvedRoute, b: ResolvedRoute): boolean => b.route.methods?.some((method) => takes(a, method)) ?? true;

const takes = ({ route }: ResolvedRoute, method: NonNullable<ResolvedRoute["route"]["methods"]>[number]): boolean =>
  route.methods === undefined || route.methods.includes(method);

/** On a host with a wall, the identity provider answers below its own path. */
function* behindTheWall({ routes, providers }: ResolvedEnvironment): Iterable<Finding> {
  const wall = [...providers.values()].find(({ binding }) => binding.wall)?.binding.wall;
  if (!wall) return;
  const walledHosts = new Set(routes.filter(({ walled }) => walled).map(({ host }) => host));
  for (const { name, host, route } of routes) {
    if (!walledHosts.has(host) || !route.path.startsWith(`${wall.outpostPath}/`)) continue;
    yield {
      subject: name,
      message: `the route "${name}" for ${host}${route.path} is never asked: the sign-in wall answers below ${wall.outpostPath}`,
      fix: "choose another path",
      at: route.at,
    };
  }
}

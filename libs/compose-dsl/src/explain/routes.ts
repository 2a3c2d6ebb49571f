import type { ResolvedEnvironment, ResolvedRoute } from "../resolve/resolved.ts";
import { byDefault, declared, derivedFrom, type Why } from "../resolve/why.ts";
import { routeRule } from "../resolve/route-rule.ts";
import { ruleText } from "../traefik/rule.ts";
import type { Explanation } from "./explain.ts";

/** Routes as people ask for them, whether they are emitted as labels or into the proxy's files. */
export function routeExplanations(environment: ResolvedEnvironment): readonly Explanation[] {
  const { proxy, routes } = environment;
  if (!proxy) return [];
  return routes.flatMap((resolved) => {
    const { name, route, host, port, service, network, via, shared, own, walled } = resolved;
    const say = (key: string, value: Explanation["value"], why: Why): Explanation => ({ path: `routes.${name}.${key}`, value, why });
    const wall = walled ? [...environment.providers.values()].find(({ binding }) => binding.wall) : undefined;
    return [
      say("host", host, declared(route.at, "host", "the host that the route declares, in the environment's domain")),
      say("path", route.path, route.path === "/" ? byDefault("a route serves its whole host unless it says a path") : declared(route.at, "path")),
      say("service", service, derivedFrom(route.at, "the service whose port the route leads to")),
      say("port", port, derivedFrom(route.at, "the number of the port that the route leads to")),
      say("rule", ruleText(routeRule(resolved)), derivedFrom(route.at, "worked out from the route's host, path and methods")),
      ...(network === undefined ? [] : [say("network", network, derivedFrom(route.at, "the network that the proxy and the service share"))]),
      say("via", via, derivedFrom(route.at, reasonOf(resolved))),
      ...shared.map(({ name: middleware, at }) => say(`middlewares.${middleware}`, "of every route", derivedFrom(at, "the proxy puts it before every route"))),
      ...(wall ? [say("middlewares.sign-in", "the wall", derivedFrom(wall.at, "the service declares signIn, and this provider answers for it"))] : []),
      ...own.map(({ name: middleware, at }) => say(`middlewares.${middleware}`, "of this route", derivedFrom(at, "the route's own"))),
    ];
  });
}

/** Why a route is where it is. */
function reasonOf({ via, network }: ResolvedRoute): string {
  if (via === "labels") return "labels on its service";
  return network === undefined ? "the proxy's own port, which it reaches itself" : "a service that is released blue/green is switched by a file";
}

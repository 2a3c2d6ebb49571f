import type { EnvironmentNode } from "../model/environment.ts";
import type { Route } from "../model/route.ts";
import type { ServiceNode } from "../model/service.ts";
import type { Proxy } from "../model/stack.ts";
import { edgeNetwork } from "./edges.ts";
import { hostName } from "./host-name.ts";
import type { ResolvedRoute } from "./resolved.ts";

/** Routes with names, networks and middlewares; `proxy` is the service that serves them. */
export function resolveRoutes(
  environment: EnvironmentNode,
  routes: readonly Route[],
  services: ReadonlyMap<string, ServiceNode>,
  proxy: Proxy,
): readonly ResolvedRoute[] {
  return routes.map((route) => {
    const service = services.get(route.to.service);
    const isProxy = route.to.service === proxy.service.name;
    const ownNames = new Set(route.middlewares.map(({ name }) => name));
    return {
      name: routerName(route),
      route,
      service: route.to.service,
      host: hostName(environment.domain, route.host),
      port: route.to.number,
      via: isProxy || service?.release.kind === "blue-green" ? "file" : "labels",
      network: isProxy ? undefined : edgeNetwork(proxy.service.name, route.to.service),
      shared: proxy.everyRoute.filter(({ name }) => !ownNames.has(name)),
      own: route.middlewares,
      walled: service?.signIn?.kind === "forward-auth" && route.openBecause === undefined,
    };
  });
}

/** `web` for the service's main route, `web-api` for /api, `web-get` for GET alone, `prometheus-metrics` for the subdomain metrics. */
function routerName({ to, host, path, methods }: Route): string {
  const parts = [to.service, ...(host === "@" ? [] : [host]), ...(path === "/" ? [] : [path]), ...(methods ?? [])];
  return parts.join("-").toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replace(/-$/, "");
}

/** Where a person can go: one address per route, with what it still needs. Pure. */
import { publicUrl, type ResolvedEnvironment } from "@jlam/compose-dsl";

export interface Address {
  readonly url: string;
  readonly service: string;
  /** Whether it answers now: its service and the proxy are up. */
  readonly answers: boolean;
  /** What stands before it, in words; empty where everybody may come in. */
  readonly needs: string;
}

/** The addresses of the environment's routes, one per URL, in their order. `ready` are the services that are up. */
export function addressesOf(environment: ResolvedEnvironment, ready: ReadonlySet<string>): readonly Address[] {
  const standIns = new Map([...environment.services.values()].flatMap(({ name, node }) => (ready.has(name) ? node.standsInFor.map((real) => [real, name] as const) : [])));
  const isUp = (service: string): boolean => ready.has(service) || standIns.has(service);
  const found = new Map<string, Address>();
  const { proxy, node } = environment;
  const proxyUp = proxy !== undefined && ready.has(proxy.service.name);
  const identity = environment.providers.get("identity-sign-in")?.binding.address;
  const identityService = identity?.kind === "container" ? identity.endpoint.service : undefined;
  for (const { route, host, service, walled } of environment.routes) {
    const url = publicUrl(node, host, route.path === "/" ? "" : route.path);
    if (found.has(url)) continue;
    const needs: string[] = [];
    if (!proxyUp && proxy) needs.push(`${proxy.service.name}, which is not up`);
    if (!isUp(service)) needs.push(`${service}, which is not up`);
    if (walled) needs.push(identityService === undefined || isUp(identityService) ? "sign-in" : `sign-in by ${identityService}, which is not up`);
    const wallUp = !walled || identityService === undefined || isUp(identityService);
    const standIn = ready.has(service) ? undefined : standIns.get(service);
    found.set(url, { url, service: standIn === undefined ? service : `${standIn} for ${service}`, answers: proxyUp && isUp(service) && wallUp, needs: needs.join("; ") });
  }
  return [...found.values()];
}

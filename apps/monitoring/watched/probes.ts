/** What the blackbox exporter asks: every route under its public name and inside, every resource's port. */
import { publicUrl, resourceId, type Endpoint, type Route, type ServiceNode, type Surroundings } from "@jlam/compose-dsl";
import type { Probe } from "./watched.ts";

/** Whether only this machine can ask: its names lead a container to itself, so that the proxy is asked by them instead. */
export const isLoopback = (address: string): boolean => address.startsWith("127.") || address === "::1";

/** The service that publishes the environment's https port, and its port inside. */
export function frontDoor({ services, publishing }: Pick<Surroundings, "services" | "publishing">): Endpoint | undefined {
  for (const service of services) {
    for (const [port, published] of Object.entries(service.publishes)) if (published === publishing.https) return service.ports[port];
  }
  return undefined;
}

/** Whether a GET can be tried at all: a route for other methods has nothing to show to a probe. */
const answersGet = ({ methods }: Route): boolean => methods === undefined || methods.includes("GET");

function publicProbes(around: Surroundings, named: ReadonlyMap<string, ServiceNode>): readonly Probe[] {
  const door = frontDoor(around);
  if (!door) return [];
  const local = isLoopback(around.publishing.address);
  return around.routes.filter(answersGet).flatMap((route): readonly Probe[] => {
    const service = named.get(route.to.service);
    if (!service) return [];
    return [
      {
        kind: "public",
        service: service.name,
        owner: service.owner,
        address: `${publicUrl(around, route.host)}${route.path}`,
        through: local ? `https://${door.service}:${door.number}${route.path}` : undefined,
        hostName: local ? around.hostName(route.host) : undefined,
        walled: service.signIn?.kind === "forward-auth" && route.openBecause === undefined,
        reaches: local ? door : undefined,
      },
    ];
  });
}

/** The proxy, and past it each routed service once: its health page where it declares one, else whether its port is open. */
function internalProbes(around: Surroundings, named: ReadonlyMap<string, ServiceNode>): readonly Probe[] {
  const door = frontDoor(around);
  const first = new Map<string, Endpoint>(door ? [[door.service, door]] : []);
  for (const { to } of around.routes) if (!first.has(to.service)) first.set(to.service, to);
  return [...first.values()].flatMap((to): readonly Probe[] => {
    const service = named.get(to.service);
    if (!service) return [];
    const { health } = service;
    const shared = { service: service.name, owner: service.owner, through: undefined, hostName: undefined, walled: false } as const;
    const healthPort = health?.kind === "http" ? service.ports[health.port] : undefined;
    if (health?.kind !== "http" || !healthPort) return [{ ...shared, kind: "tcp", address: `${service.name}:${to.number}`, reaches: to }];
    return [{ ...shared, kind: "internal", address: `http://${service.name}:${healthPort.number}${health.path}`, reaches: healthPort }];
  });
}

/** Every resource's port, except where a stack of ours provides it: that one's routes are asked already. */
const resourceProbes = ({ providers }: Surroundings): readonly Probe[] =>
  providers.flatMap(({ how, provides, binding: { address } }): readonly Probe[] => {
    if (how === "stack") return [];
    const shared = { kind: "tcp", service: resourceId(provides), owner: provides.owner, through: undefined, hostName: undefined, walled: false } as const;
    return address.kind === "container"
      ? [{ ...shared, address: `${address.endpoint.service}:${address.endpoint.number}`, reaches: address.endpoint }]
      : [{ ...shared, address: `${address.host}:${address.port}`, reaches: undefined }];
  });

/** Everything that is asked, in a stable order. */
export function probesOf(around: Surroundings): readonly Probe[] {
  const named = new Map(around.services.map((service) => [service.name, service]));
  return [...publicProbes(around, named), ...internalProbes(around, named), ...resourceProbes(around)];
}

/** What the model says about who reaches whom, as targets to try. */
import type { ResolvedService } from "@jlam/compose-dsl";
import { ci, inspect, runningServices, startedServices } from "./environment.ts";

export interface Target {
  readonly service: string;
  readonly host: string;
  readonly port: number;
  /**
   * `edge`: the model connects them, so it must answer. `same-network`: the other way round, or another port of the
   * other end; Docker's networks have neither direction nor ports. `apart`: nothing may answer.
   */
  readonly expected: "edge" | "same-network" | "apart";
}

type Running = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Addresses of every running service, by service and network of the model. */
export async function addresses(): Promise<Running> {
  const found = await Promise.all(
    runningServices().map(async ({ name, networks }) => {
      const { NetworkSettings } = await inspect(name);
      const own = Object.entries(NetworkSettings.Networks).map(([network, { IPAddress }]) => [modelName(network), IPAddress] as const);
      if (own.length !== networks.length) throw new Error(`${name} is on ${own.length} networks, and ${networks.length} are modelled.`);
      return [name, new Map(own)] as const;
    }),
  );
  return new Map(found);
}

const modelName = (network: string): string => network.replace(`jlam-${ci.name}-`, "");

/** Everything that `source` could try: each port of each other running service, by name and by every address. */
export function targetsOf(source: ResolvedService, running: Running): readonly Target[] {
  const own = new Set(source.networks.map(({ name }) => name));
  return runningServices()
    .filter(({ name }) => name !== source.name)
    .flatMap(({ name: service, node }) =>
      Object.values(node.ports).flatMap(({ number: port }): readonly Target[] => {
        const modelled = isEdge(source.name, service, port);
        const networks = running.get(service) ?? new Map<string, string>();
        const shared = [...networks.keys()].some((network) => own.has(network));
        const expectation = (together: boolean): Target["expected"] => (!together ? "apart" : modelled ? "edge" : "same-network");
        return [
          { service, host: service, port, expected: expectation(shared) },
          ...[...networks].map(([network, host]) => ({ service, host, port, expected: expectation(own.has(network)) })),
        ];
      }),
    );
}

const isEdge = (from: string, to: string, port: number): boolean => modelledEdges().some((edge) => edge.from === from && edge.to === to && edge.port === port);

export interface ModelledEdge {
  readonly from: string;
  readonly to: string;
  readonly port: number;
}

/** Every edge between two services of the environment, with the port that it is about. */
export const modelledEdges = (): readonly ModelledEdge[] =>
  ci.edges.flatMap(({ from, to, edge: { target } }) => {
    if (to === undefined) return [];
    const provider = target.kind === "endpoint" ? undefined : [...ci.providers.values()].find(({ provides }) => provides.kind === target.kind && provides.name === target.name);
    const address = provider?.binding.address;
    const endpoint = target.kind === "endpoint" ? target : address?.kind === "container" ? address.endpoint : undefined;
    return endpoint === undefined ? [] : [{ from: from.name, to, port: endpoint.number }];
  });

/** Edges that can't be tried, because the service that should answer was left out. */
export function untriedEdges(): readonly ModelledEdge[] {
  const running = new Set(runningServices().map(({ name }) => name));
  return modelledEdges().filter(({ to, from }) => from !== to && !running.has(to));
}

/**
 * The networks of a service that exist here: Compose makes those that a started service is on. A probe on them stands
 * in for a service that doesn't run.
 */
export function existingNetworks(service: ResolvedService): readonly string[] {
  const made = new Set(startedServices().flatMap(({ networks }) => networks.map(({ name }) => name)));
  return service.networks.map(({ name }) => name).filter((name) => made.has(name));
}

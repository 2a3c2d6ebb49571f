/** In which order the services of an environment come up after a restore: as its Compose files say, or as its release does. Pure. */
import { colouredName } from "@jlam/compose-dsl";
import type { Served } from "./served.ts";

/** The service through which every visitor comes: started last. */
export const edge = "traefik";

/** Services that start together, after one-shots. */
export interface Stage {
  readonly jobs: readonly { readonly name: string; readonly command: readonly string[] }[];
  readonly services: readonly string[];
}

export interface StartOrder {
  /** The engine, databases, and what these wait for: they run while data comes back. */
  readonly basis: readonly string[];
  /** Everything else but the edge, also what isn't started again: the colour that doesn't serve. */
  readonly rest: readonly string[];
  readonly stages: readonly Stage[];
  /** Whether what a service waits for is left to the order, and not to Compose: a release's one-shots run as its machine runs them. */
  readonly isWhole: boolean;
  /** What a service is called as it runs. */
  readonly named: (service: string) => string;
  /** What a one-shot runs; empty: what it declares. */
  readonly commandOf: (job: string) => readonly string[];
}

/** `services`: every one, with what it waits for; `wanted`: those that are needed while data comes back. */
export function startOrder(services: ReadonlyMap<string, readonly string[]>, wanted: readonly string[], served: Served | undefined): StartOrder {
  const basis = closure(services, wanted);
  const rest = [...services.keys()].filter((name) => !basis.has(name) && name !== edge);
  if (served === undefined) return { basis: [...basis], rest, stages: [{ jobs: [], services: rest }], isWhole: false, named: (service) => service, commandOf: () => [] };
  const { colour, itinerary: { groups, coloured, jobs } } = served;
  const kept = new Set(groups.flatMap((group) => group.services));
  const commandOf = (job: string): readonly string[] => jobs.find(({ name }) => name === job)?.command ?? [];
  const stage = (names: readonly string[], started: readonly string[]): Stage => ({ jobs: names.filter((name) => !basis.has(name)).map((name) => ({ name, command: commandOf(name) })), services: started });
  const isColoured = (service: string): boolean => coloured.some((one) => one.service === service);
  return {
    basis: [...basis].filter((name) => kept.has(name)),
    rest,
    stages: [
      ...groups.map((group) => stage(group.jobs, group.services.filter((name) => !basis.has(name) && name !== edge))).filter((group) => group.services.length > 0),
      stage(jobs.map(({ name }) => name), coloured.map(({ service }) => colouredName(service, colour))),
    ],
    isWhole: true,
    named: (service) => (isColoured(service) ? colouredName(service, colour) : service),
    commandOf,
  };
}

function closure(services: ReadonlyMap<string, readonly string[]>, wanted: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const add = (name: string): void => {
    if (found.has(name) || !services.has(name)) return;
    found.add(name);
    for (const other of services.get(name) ?? []) add(other);
  };
  for (const name of wanted) add(name);
  return found;
}

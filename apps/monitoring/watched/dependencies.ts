/** What stops working when something else does: whose alerts say nothing new then. */
import { resourceId, type Edge, type Surroundings } from "@jlam/compose-dsl";
import { frontDoor } from "./probes.ts";
import type { Dependency } from "./watched.ts";

/** Without these a service is not itself any more; mail, for one, can wait for a while. */
const vital = ({ target, wait }: Edge): boolean => wait && (target.kind === "endpoint" || target.kind === "postgres" || target.kind === "redis");

const nameOf = ({ target }: Edge): string => (target.kind === "endpoint" ? target.service : resourceId(target));

/**
 * For everything that something needs in order to work, who that is, through any number of steps. Edges that nobody
 * waits for don't count: whoever only watches a service, or can do without it for a while, isn't down with it.
 */
export function dependenciesOf(around: Surroundings): readonly Dependency[] {
  const needs = new Map<string, Set<string>>();
  const need = (who: string, what: string): void => void needs.set(who, (needs.get(who) ?? new Set()).add(what));
  for (const service of around.services) {
    for (const edge of Object.values(service.connects)) if (vital(edge) && nameOf(edge) !== service.name) need(service.name, nameOf(edge));
  }
  const door = frontDoor(around);
  if (door) for (const { to } of around.routes) if (to.service !== door.service) need(to.service, door.service);

  const dependants = new Map<string, Set<string>>();
  for (const who of needs.keys()) {
    for (const what of reachable(who, needs)) dependants.set(what, (dependants.get(what) ?? new Set()).add(who));
  }
  return [...dependants].map(([on, names]) => ({ on, dependants: [...names].sort() })).sort((a, b) => (a.on < b.on ? -1 : 1));
}

function reachable(from: string, needs: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [...(needs.get(from) ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === from || found.has(next)) continue;
    found.add(next);
    open.push(...(needs.get(next) ?? []));
  }
  return found;
}

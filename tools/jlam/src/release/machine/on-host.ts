/** What several steps ask of a host: its releases, and copies until they are well. */
import { setTimeout as sleep } from "node:timers/promises";
import { HostFailure, type Copy, type Host } from "../host/host.ts";
import { itineraryName, readItinerary, type Itinerary } from "./itinerary.ts";

/** Between two looks at copies that start, in milliseconds: their health checks ask every second. */
const pause = 250;
/** Looks in a row that must find a copy healthy: one may be luck. */
const looksInARow = 2;

/** The itinerary of what lies in a folder of the host. @throws HostFailure where it isn't there */
export async function itineraryIn(host: Pick<Host, "read">, folder: string): Promise<Itinerary> {
  const known = read.get(host) ?? new Map<string, Itinerary>();
  read.set(host, known);
  const itinerary = known.get(folder) ?? readItinerary(await host.read(folder, itineraryName));
  known.set(folder, itinerary);
  return itinerary;
}

/** What lies in a folder of a release never changes. */
const read = new WeakMap<Pick<Host, "read">, Map<string, Itinerary>>();

/**
 * Waits until all copies run and are healthy. `mayRecover`: they served before, so that one that is found unhealthy may
 * just be on a busy machine, and is given the whole time.
 * @returns milliseconds
 * @throws HostFailure as soon as one ends, is restarted or is found unhealthy, or after `limit` milliseconds
 */
export async function untilHealthy(host: Host, names: readonly string[], limit: number, signal: AbortSignal, { mayRecover = false } = {}): Promise<number> {
  const began = performance.now();
  let copies = await host.copies();
  const before = new Map(copies.map(({ name, restarts }) => [name, restarts]));
  let well = 0;
  for (;;) {
    const found = names.map((name) => copies.find((copy) => copy.name === name));
    for (const [index, copy] of found.entries()) {
      const trouble = copy === undefined ? "it isn't there" : mayRecover && copy.health === "unhealthy" ? undefined : troubleOf(copy, before.get(copy.name) ?? 0);
      if (trouble !== undefined) throw new HostFailure(await withLastWords(host, names[index] ?? "", trouble), "refused");
    }
    well = found.every((copy) => copy !== undefined && isWell(copy)) ? well + 1 : 0;
    if (well >= looksInARow) return Math.round(performance.now() - began);
    if (performance.now() - began > limit) {
      const late = names[found.findIndex((copy) => copy === undefined || !isWell(copy))] ?? names.join(", ");
      throw new HostFailure(await withLastWords(host, late, `not healthy within ${Math.round(limit / 1000)} s`), "too-slow");
    }
    await sleep(pause, undefined, { signal });
    copies = await host.copies();
  }
}

/** Whether all copies run and are healthy at this moment. */
export async function areHealthy(host: Host, names: readonly string[]): Promise<boolean> {
  const copies = await host.copies();
  return names.every((name) => copies.some((copy) => copy.name === name && isWell(copy)));
}

const isWell = ({ status, health }: Copy): boolean => status === "running" && (health === "healthy" || health === "none");

/** What is wrong with a copy for good. */
function troubleOf({ status, health, exitCode, outOfMemory, restarts }: Copy, restartsBefore: number): string | undefined {
  if (outOfMemory) return "the kernel ended it, since it used more memory than it may";
  if (status === "exited" || status === "dead") return `it ended with ${exitCode}`;
  // One that was started again already has no exit code any more: 0.
  if (status === "restarting" || restarts > restartsBefore) return `it ends again and again${exitCode === 0 ? "" : `, with ${exitCode}`}`;
  return health === "unhealthy" ? "its health check fails" : undefined;
}

async function withLastWords(host: Host, name: string, trouble: string): Promise<string> {
  const words = (await host.lastWords(name).catch(() => "")).trim();
  return `${name}: ${trouble}${words === "" ? "" : `\n${words}`}`;
}

/** Watches a new version for a while after the switch, by the counters of the proxy in front of it. */
import { setTimeout as sleep } from "node:timers/promises";
import { HostFailure, type Host } from "../host/host.ts";
import type { Itinerary } from "../machine/itinerary.ts";
import { proxyAddress } from "../switch/confirm.ts";
import { parseSamples } from "../switch/samples.ts";
import { countersOf, judge, noCounters, since, type Counters, type Promised, type Verdict } from "./verdict.ts";

export interface WatchOptions {
  /** How long, in milliseconds. */
  readonly window: number;
  /** Fewer requests than these say nothing. */
  readonly minimum: number;
  /** Between two looks, in milliseconds. */
  readonly pause: number;
}

/** Five minutes with a look every five seconds; thirty requests, since of fewer a single failure decides. */
export const usualWatch: WatchOptions = { window: 300_000, minimum: 30, pause: 5000 };

/**
 * Watches until the window ends, or until the version is known to be bad: by errors or latency with enough requests, or
 * because a copy is restarted, ends, or is found unhealthy. Counters that can't be read count as no data.
 */
export async function watchWindow(host: Host, itinerary: Itinerary, copies: readonly string[], { window, minimum, pause }: WatchOptions, report: (line: string) => void, signal: AbortSignal): Promise<Verdict> {
  const promised = strictest(itinerary);
  const restarts = new Map((await host.copies()).map((copy) => [copy.name, copy.restarts]));
  const read = counters(host, itinerary);
  const ends = performance.now() + window;
  let first: Counters | undefined;
  let last = noCounters;
  let gathered: Counters | undefined;
  let silence = "its metrics were not read";
  for (;;) {
    const trouble = await troubleOf(host, copies, restarts);
    if (trouble !== undefined) return { kind: "bad", requests: gathered?.requests ?? 0, why: trouble };
    try {
      const now = await read();
      first ??= now;
      // A restarted proxy counts from 0: what is known from before stays out, rather than being guessed.
      if (now.requests < last.requests) first = noCounters;
      last = now;
      gathered = since(first, now);
    } catch (error) {
      if (!(error instanceof HostFailure)) throw error;
      silence = error.message;
    }
    const verdict: Verdict = gathered === undefined ? { kind: "unknown", requests: 0, why: silence } : judge(gathered, promised, minimum);
    if (verdict.kind === "bad") return verdict;
    const left = ends - performance.now();
    if (left <= 0) return verdict;
    report(`${gathered?.requests ?? 0} requests, ${gathered?.errors ?? 0} failed; ${Math.ceil(left / 1000)} s to go`);
    await sleep(Math.min(pause, left), undefined, { signal });
  }
}

/** The promises of all services that were switched, the hardest of each. */
function strictest({ coloured }: Itinerary): Promised {
  const numbers = (key: keyof Promised): readonly number[] => coloured.flatMap(({ objectives }) => objectives[key] ?? []);
  const [availability, p95] = [numbers("availability"), numbers("p95")];
  return { availability: availability.length === 0 ? null : Math.max(...availability), p95: p95.length === 0 ? null : Math.min(...p95) };
}

/** Reads the proxy's counters; where it is looked for again when it doesn't answer, since a restart changes that. */
function counters(host: Host, itinerary: Itinerary): () => Promise<Counters> {
  const { metrics } = itinerary.proxy;
  const services = new Set(itinerary.coloured.flatMap(({ routes }) => routes.map(({ router }) => `${router}@file`)));
  let address: string | undefined;
  return async () => {
    if (metrics === null) throw new HostFailure("the proxy gives no metrics", "refused");
    try {
      address ??= await proxyAddress(host, itinerary);
      const { status, body } = await host.ask({ address, port: metrics.port, path: metrics.path, timeout: 5000 });
      if (status !== 200) throw new HostFailure(`the proxy's metrics answer ${status}`, "refused");
      return countersOf(parseSamples(body), services);
    } catch (error) {
      address = undefined;
      throw error;
    }
  };
}

async function troubleOf(host: Host, names: readonly string[], restarts: ReadonlyMap<string, number>): Promise<string | undefined> {
  const copies = await host.copies();
  for (const name of names) {
    const copy = copies.find((found) => found.name === name);
    if (copy === undefined) return `${name} isn't there any more`;
    if (copy.outOfMemory) return `${name} was ended by the kernel: it used more memory than it may`;
    if (copy.status !== "running") return `${name} is ${copy.status}, with ${copy.exitCode}`;
    if (copy.restarts > (restarts.get(name) ?? 0)) return `${name} ended and was started again, with ${copy.exitCode}`;
    if (copy.health === "unhealthy") return `the health check of ${name} fails`;
  }
  return undefined;
}

/** Requests at a fixed arrival rate, whoever is still waiting: an open loop. */
import { setTimeout as sleep } from "node:timers/promises";

/** What one request took. */
export interface Sample {
  readonly target: string;
  /** Milliseconds since the moment it was meant to be sent. */
  readonly latency: number;
  readonly good: boolean;
}

export interface Target {
  readonly name: string;
  /** Sends one request and reads the whole answer; says whether it was the right one. */
  ask(): Promise<boolean>;
}

/**
 * Asks the targets in turn, `rate` times a second for `seconds`. Latency counts from the moment at which a request was
 * due, so that a server that stalls is not spared the requests that would have come meanwhile (coordinated omission).
 */
export async function openLoop(targets: readonly Target[], rate: number, seconds: number): Promise<readonly Sample[]> {
  const began = performance.now();
  const sent: Promise<Sample>[] = [];
  for (let index = 0; index < rate * seconds; index += 1) {
    const due = began + (index * 1000) / rate;
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait);
    const target = targets[index % targets.length];
    if (target === undefined) break;
    sent.push(
      target.ask().then(
        (good) => ({ target: target.name, latency: performance.now() - due, good }),
        () => ({ target: target.name, latency: performance.now() - due, good: false }),
      ),
    );
  }
  return await Promise.all(sent);
}

/** The value that `part` of the values don't exceed, 0 < part ≤ 1; NaN without values. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.ceil(part * sorted.length) - 1] ?? NaN;
}

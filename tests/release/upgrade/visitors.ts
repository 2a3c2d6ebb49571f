/** Somebody who asks the site again and again while its database is upgraded, and what became of that. */
import { setTimeout as sleep } from "node:timers/promises";

export interface Visits {
  readonly requests: number;
  /** Those that were not answered 200, by what they got. */
  readonly failures: Readonly<Record<string, number>>;
  /** From the last good answer before the first bad one to the first good one after the last bad one, in milliseconds; 0 where none was bad. */
  readonly away: number;
  /** What good answers said, each once, in order. */
  readonly bodies: readonly string[];
}

/** Between two visits, in milliseconds: often enough for a watch window that wants 20 requests. */
const pause = 100;

/** Begins to visit; the function that is returned ends it. */
export function startVisits(visit: () => Promise<{ readonly status: number; readonly body: string }>): () => Promise<Visits> {
  const seen: { readonly ended: number; readonly failure: string | undefined; readonly body: string }[] = [];
  const ending = new AbortController();
  const visiting = (async () => {
    for (; !ending.signal.aborted; await sleep(pause)) {
      const { status, body } = await visit().catch((error: unknown) => ({ status: 0, body: error instanceof Error ? error.message : String(error) }));
      seen.push({ ended: performance.now(), failure: status === 200 ? undefined : status === 0 ? body : `status ${status}`, body });
    }
  })();
  return async () => {
    ending.abort();
    await visiting;
    const failures: Record<string, number> = {};
    for (const { failure } of seen) if (failure !== undefined) failures[failure] = (failures[failure] ?? 0) + 1;
    const [first, last] = [seen.findIndex(({ failure }) => failure !== undefined), seen.findLastIndex(({ failure }) => failure !== undefined)];
    const away = first < 0 ? 0 : (seen[last + 1]?.ended ?? performance.now()) - (seen[first - 1]?.ended ?? seen[first]?.ended ?? 0);
    const bodies = seen.flatMap(({ failure, body }) => (failure === undefined ? [body] : []));
    return { requests: seen.length, failures, away: Math.round(away), bodies: bodies.filter((body, index) => body !== bodies[index - 1]) };
  };
}

/** Waiting for something to become so, with a limit. */
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Asks until `good` says yes, and gives that answer with the milliseconds it took. An error counts as "not yet".
 * @throws Error with the last answer when `limit` milliseconds have passed
 */
export async function until<T>(ask: () => Promise<T>, good: (answer: T) => boolean, limit: number): Promise<{ readonly answer: T; readonly took: number }> {
  const began = Date.now();
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (good(answer)) return { answer, took: Date.now() - began };
      last = answer;
    } catch (error) {
      last = error instanceof Error ? error.message : error;
    }
    if (Date.now() - began > limit) throw new Error(`Not within ${limit} ms; the last answer was ${JSON.stringify(last)}`);
    await sleep(100);
  }
}

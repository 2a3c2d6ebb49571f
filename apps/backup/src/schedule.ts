/** When the next set is made. */

/** Milliseconds after which a run that failed is tried again: long enough for a store to come back. */
export const retryPause = 30 * 60_000;

/** Milliseconds from the daily set to the daily pruning: by then the set was copied, and people verify it in the morning. */
export const pruneDelay = 12 * 3_600_000;

/** Milliseconds between two looks at who was erased: what a disaster can make the list lose. */
export const erasurePause = 60_000;

/** The next time after `now` at which it is `hour` o'clock UTC. */
export function nextRun(now: Date, hour: number): Date {
  const next = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate(), hour));
  if (next <= now) next.setUTCDate(next.getUTCDate() + 1);
  return next;
}

/** Says that a piece of work did not finish in the time it was given. */
export class TimeLimitReached extends Error {
  override readonly name = "TimeLimitReached";
  readonly code = "TIME_LIMIT";
}

/**
 * Runs `work` and rejects with {@link TimeLimitReached} when it takes longer than `milliseconds`.
 * The signal fires at that moment, so that `work` can let go of its sockets; a result that arrives later is dropped.
 */
export async function withTimeLimit<T>(
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const reached = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const reason = new TimeLimitReached(`took longer than ${milliseconds} ms`);
    controller.abort(reason);
    reached.reject(reason);
  }, milliseconds);
  try {
    return await Promise.race([work(controller.signal), reached.promise]);
  } finally {
    clearTimeout(timer);
  }
}

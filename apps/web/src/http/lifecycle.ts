import type { FastifyInstance } from "fastify";

/** Whether the program has been told to stop; shared by the checks, the answers and the entry point. */
export interface Lifecycle {
  readonly stopping: boolean;
  /** From now on both checks fail and every answer asks its client to close the connection. */
  beginStop(): void;
}

/** A program that runs until {@link Lifecycle.beginStop} is called. */
export function createLifecycle(): Lifecycle {
  let stopping = false;
  return {
    get stopping() {
      return stopping;
    },
    beginStop() {
      stopping = true;
    },
  };
}

/**
 * Makes every answer that ends after the signal to stop carry `Connection: close`, those already being worked on
 * included, so that the proxy opens its next connection elsewhere.
 */
export function closeConnectionsWhenStopping(application: FastifyInstance, lifecycle: Lifecycle): void {
  application.addHook("onSend", (_request, reply, payload, done) => {
    if (lifecycle.stopping) reply.header("connection", "close");
    done(null, payload);
  });
}

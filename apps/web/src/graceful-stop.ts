import { setTimeout as sleep } from "node:timers/promises";

import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";

import type { Lifecycle } from "./http/lifecycle.ts";

/** What has to end, and how long each part may take; times in milliseconds. */
export interface StopParts {
  readonly application: FastifyInstance;
  readonly lifecycle: Lifecycle;
  readonly logger: Logger;
  readonly delay: number;
  readonly limit: number;
  /** Closes what the application used; called when no request needs it any more. */
  readonly release: () => Promise<void>;
}

/**
 * Stops without dropping a request: the checks fail first while everything is still answered, so that the proxy looks
 * elsewhere; then the port closes; requests that are being worked on end; and then the databases' connections.
 * Whatever still runs at the limit is cut off. Resolves when the process can exit.
 */
export async function stopGracefully(parts: StopParts): Promise<void> {
  parts.lifecycle.beginStop();
  parts.logger.info({ delay_ms: parts.delay, limit_ms: parts.limit }, "stopping: the checks fail now");

  const ended = (async () => {
    await sleep(parts.delay);
    await parts.application.close();
    await parts.release();
    return "ended" as const;
  })();
  try {
    const outcome = await Promise.race([ended, sleep(parts.limit, "cut off" as const)]);
    if (outcome === "cut off") parts.logger.warn("the time limit is reached: what is still running is cut off");
    else parts.logger.info("stopped");
  } catch (error) {
    parts.logger.error({ err: error }, "stopping failed");
  }
}

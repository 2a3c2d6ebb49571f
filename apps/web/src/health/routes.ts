import type { FastifyInstance } from "fastify";

import type { Lifecycle } from "../http/lifecycle.ts";
import type { Readiness } from "./readiness.ts";

/** What the two checks need to answer. */
export interface HealthParts {
  readonly healthPath: string;
  readonly readyPath: string;
  readonly lifecycle: Lifecycle;
  readonly readiness: () => Promise<Readiness>;
}

/**
 * Adds the liveness check (200 as long as the program is not stopping, whatever its databases do, because a restart
 * wouldn't mend those) and the readiness check (200 only when every dependency answers).
 */
export function addHealthRoutes(application: FastifyInstance, parts: HealthParts): void {
  application.get(parts.healthPath, (_request, reply) => {
    reply.header("cache-control", "no-store");
    return parts.lifecycle.stopping ? reply.code(503).send({ status: "stopping" }) : reply.send({ status: "ok" });
  });

  application.get(parts.readyPath, async (_request, reply) => {
    reply.header("cache-control", "no-store");
    if (parts.lifecycle.stopping) return reply.code(503).send({ status: "stopping" });
    const { ready, checks } = await parts.readiness();
    return ready ? reply.send({ status: "ready", checks }) : reply.code(503).send({ status: "not ready", checks });
  });
}

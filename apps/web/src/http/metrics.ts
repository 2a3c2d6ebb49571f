import Fastify from "fastify";
import type { FastifyInstance } from "fastify";
import { Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";

/** The measurements of this process, and the registry they are read from. */
export interface Metrics {
  readonly registry: Registry;
  /** Requests being answered now, probes not counted; a release waits for 0 before it stops the container. */
  readonly inFlight: Gauge;
  readonly requestDuration: Histogram<"method" | "route" | "status_code">;
}

/** Measurements with a registry of their own, so that two applications in one process don't mix. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    inFlight: new Gauge({
      name: "http_requests_in_flight",
      help: "Requests being answered now, without health and readiness checks.",
      registers: [registry],
    }),
    requestDuration: new Histogram({
      name: "http_request_duration_seconds",
      help: "Time from the arrival of a request to the end of its answer.",
      labelNames: ["method", "route", "status_code"],
      // 0.5 is the objective for 95 % of requests and 2 the limit of the slow-answer alert: rules need these exact edges.
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10],
      registers: [registry],
    }),
  };
}

/** A server that answers with the measurements on `path` and with nothing else; it belongs on a port of its own. */
export function createMetricsServer(metrics: Metrics, path: string): FastifyInstance {
  const server = Fastify({ logger: false, forceCloseConnections: true });
  server.get(path, async (_request, reply) => {
    const text = await metrics.registry.metrics();
    return reply.type(metrics.registry.contentType).send(text);
  });
  return server;
}

import type { FastifyInstance, FastifyRequest } from "fastify";

import type { Metrics } from "./metrics.ts";

/** What nginx and others write when the client left before the answer was complete. */
const CLIENT_CLOSED_REQUEST = 499;

/**
 * The pattern of the route (`/dagboek/:datum`), never the address that was asked for: people put names,
 * mail addresses and worse into addresses.
 */
const routeOf = (request: FastifyRequest): string => request.routeOptions.url ?? "none";

/** `00-<trace>-<span>-<flags>`, as the W3C's Trace Context has it. */
const TRACE_PARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The trace that the proxy began for this request, so that a line leads to it. Anything that isn't an id is left out: clients send headers, too. */
function traceOf(request: FastifyRequest): { readonly trace_id?: string } {
  const { traceparent } = request.headers;
  const [, id] = (typeof traceparent === "string" ? TRACE_PARENT.exec(traceparent) : undefined) ?? [];
  return id === undefined ? {} : { trace_id: id };
}

/**
 * Measures and logs every request once, when its connection is done with it, so that a client which leaves
 * halfway is counted too. Checks by probes are logged at debug level and don't count as in flight.
 */
export function observeRequests(application: FastifyInstance, metrics: Metrics, probePaths: readonly string[]): void {
  application.addHook("onRequest", (request, reply, done) => {
    const start = process.hrtime.bigint();
    const route = routeOf(request);
    const isProbe = probePaths.includes(route);
    if (!isProbe) metrics.inFlight.inc();

    reply.raw.once("close", () => {
      if (!isProbe) metrics.inFlight.dec();
      const duration = Number(process.hrtime.bigint() - start) / 1e9;
      const status = reply.raw.writableEnded ? reply.raw.statusCode : CLIENT_CLOSED_REQUEST;
      metrics.requestDuration.observe({ method: request.method, route, status_code: status }, duration);
      const line = { method: request.method, route, status, duration_ms: Math.round(duration * 1e6) / 1e3, ...traceOf(request) };
      if (isProbe) request.log.debug(line, "request");
      else request.log.info(line, "request");
    });
    done();
  });
}

import type { Middleware as TraefikMiddleware } from "../traefik/middleware.ts";
import { originOf, type Origin } from "./origin.ts";

/** A Traefik middleware. On a route, one with the name of an edge middleware replaces it: `rate-limit` does, `slow` comes on top. */
export interface Middleware {
  readonly kind: "middleware";
  readonly name: string;
  readonly configuration: TraefikMiddleware;
  readonly at: Origin;
}

/** `middleware("rate-limit", { rateLimit: { average: 50, period: "1s", burst: 100 } })` */
export function middleware(name: string, configuration: TraefikMiddleware): Middleware {
  return Object.freeze({ kind: "middleware", name, configuration, at: originOf(middleware) });
}

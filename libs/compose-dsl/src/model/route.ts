import type { Endpoint } from "./edge.ts";
import type { method } from "../traefik/rule.ts";
import type { Middleware } from "./middleware.ts";
import { originOf, type Origin } from "./origin.ts";

export type HttpMethod = Parameters<typeof method>[0];

/** A public name that leads to a service's port. */
export interface Route {
  readonly kind: "route";
  readonly to: Endpoint;
  /** `@` is the environment's domain, `auth` its subdomain; a full name must lie in the domain. */
  readonly host: string;
  readonly path: string;
  /** Methods, or undefined for all. */
  readonly methods: readonly [HttpMethod, ...HttpMethod[]] | undefined;
  /** Run after those of the edge, in this order; one of the same name replaces the edge's. */
  readonly middlewares: readonly Middleware[];
  /** Reachable without the wall of the service's own signIn, with the reason. */
  readonly openBecause: string | undefined;
  readonly priority: number | undefined;
  readonly at: Origin;
}

export interface RouteOptions {
  readonly host: string;
  readonly path?: `/${string}`;
  readonly methods?: readonly [HttpMethod, ...HttpMethod[]];
  /** Run after those of the edge, in this order; one of the same name replaces the edge's, as `middleware("rate-limit", …)` does. */
  readonly middlewares?: readonly Middleware[];
  readonly openBecause?: string;
  readonly priority?: number;
}

/** https://host/path leads to `to`. Only a declared port compiles: `route(web.ports.http, { host: "@" })`. */
export function route(to: Endpoint, options: RouteOptions): Route {
  const { host, path = "/", methods, middlewares = [], openBecause, priority } = options;
  return Object.freeze({ kind: "route", to, host, path, methods, middlewares, openBecause, priority, at: originOf(route) });
}

import { and, host as hostRule, method, or, path as exactPath, pathPrefix, type Rule } from "../traefik/rule.ts";
import type { ResolvedRoute } from "./resolved.ts";

/**
 * Which requests a route takes.
 *
 * @throws RangeError if its host or path can't stand in a rule; the checks `route-host` and `route-path` say so first
 */
export function routeRule({ route, host }: Pick<ResolvedRoute, "route" | "host">): Rule {
  let rule = hostRule(host);
  // As text, the prefix /api would match /apidocs too.
  if (isBelowRoot(route.path)) rule = and(rule, or(exactPath(route.path), pathPrefix(`${route.path}/`)));
  const methods = route.methods?.map(method).reduce((any, one) => or(any, one));
  return methods ? and(rule, methods) : rule;
}

const isBelowRoot = (path: string): path is `/${string}` => path !== "/" && path.startsWith("/");

/** The sign-in wall's own router comes before every route of its host: above all that a rule's length can give (Traefik's default). */
export const outpostPriority = 100_000;

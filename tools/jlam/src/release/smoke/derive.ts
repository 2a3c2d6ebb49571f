/** The smoke suite of an environment, derived from its model: a new route brings its checks with it. Pure. */
import { publicUrl, type ResolvedEnvironment, type ResolvedRoute } from "@jlam/compose-dsl";
import type { Check } from "./check.ts";

/** A certificate is renewed a month before its end, so one that ends within a week wasn't. */
const leastDays = 7;

/** What every route of the environment promises to whoever asks, in the order of the routes. */
export function deriveSmoke(environment: ResolvedEnvironment): readonly Check[] {
  return environment.routes.flatMap((route) => checksOf(route, environment));
}

function checksOf(resolved: ResolvedRoute, { node, services, providers }: ResolvedEnvironment): readonly Check[] {
  const { name: route, host, walled } = resolved;
  const url = publicUrl(node, host, resolved.route.path);
  const at = { route, url };
  const headers = expectedHeaders(resolved);
  const clients = [...providers.values()].find(({ binding }) => binding.wall)?.binding.clients;
  const health = healthPath(resolved, services.get(resolved.service)?.node.health);
  return [
    { kind: "tls", ...at, days: leastDays },
    { kind: "redirect", ...at, from: `http://${host}${node.publishing.http === 80 ? "" : `:${node.publishing.http}`}${resolved.route.path}` },
    ...(walled && clients ? [{ kind: "wall" as const, ...at, signInAt: publicUrl(node, clients.host) }] : []),
    ...(Object.keys(headers).length > 0 ? [{ kind: "headers" as const, ...at, headers }] : []),
    ...(health === undefined ? [] : [{ kind: "health" as const, route, url: publicUrl(node, host, health) }]),
    ...(!walled && takesGet(resolved) ? [{ kind: "answers" as const, ...at }] : []),
  ];
}

const takesGet = ({ route: { methods } }: ResolvedRoute): boolean => methods === undefined || methods.includes("GET");

/** The path of the service's health check, where this route leads to it and nobody has to sign in for it. */
function healthPath({ route, walled }: ResolvedRoute, health: { readonly kind: string; readonly port?: string; readonly path?: string } | undefined): string | undefined {
  if (walled || health?.kind !== "http" || health.path === undefined || health.port !== route.to.port) return undefined;
  return route.path === "/" || health.path === route.path || health.path.startsWith(`${route.path}/`) ? health.path : undefined;
}

type HeadersOf = Readonly<Record<string, string>>;

/** What Traefik's headers middlewares before the route add to every answer; later ones win, as they do there. */
function expectedHeaders({ shared, own }: ResolvedRoute): HeadersOf {
  const expected: Record<string, string> = {};
  for (const { configuration } of [...shared, ...own]) {
    if (!("headers" in configuration)) continue;
    const { stsSeconds, contentTypeNosniff, frameDeny, customFrameOptionsValue, referrerPolicy, permissionsPolicy, contentSecurityPolicy, customResponseHeaders } = configuration.headers;
    if (stsSeconds !== undefined && stsSeconds > 0) expected["strict-transport-security"] = `max-age=${stsSeconds}`;
    if (contentTypeNosniff === true) expected["x-content-type-options"] = "nosniff";
    if (frameDeny === true) expected["x-frame-options"] = "DENY";
    if (customFrameOptionsValue !== undefined) expected["x-frame-options"] = customFrameOptionsValue;
    if (referrerPolicy !== undefined) expected["referrer-policy"] = referrerPolicy;
    if (permissionsPolicy !== undefined) expected["permissions-policy"] = permissionsPolicy;
    if (contentSecurityPolicy !== undefined) expected["content-security-policy"] = contentSecurityPolicy;
    for (const [name, value] of Object.entries(customResponseHeaders ?? {})) expected[name.toLowerCase()] = value;
  }
  return expected;
}

import type { Facts, Items } from "./picture.ts";
import { leaves, list, mapping, scalar, type Document } from "./unknown-document.ts";

/** Routers and middlewares of the proxy, from labels and from its files alike. */
export interface RoutingPicture {
  readonly routes: Items;
  readonly middlewares: Items;
}

interface Routing {
  readonly routers: Record<string, Document>;
  /** Where a Traefik service leads to, in words. */
  readonly targets: Record<string, string>;
  readonly middlewares: Record<string, Facts>;
}

/** Reads the labels of all services, and the dynamic configuration in files. */
export function routingPicture(labelled: Readonly<Record<string, Facts>>, files: readonly Document[]): RoutingPicture {
  const routing: Routing = { routers: {}, targets: {}, middlewares: {} };
  for (const file of files) readFile(mapping(file["http"]), routing);
  for (const [service, labels] of Object.entries(labelled)) readLabels(service, labels, routing);
  return {
    routes: Object.fromEntries(Object.entries(routing.routers).map(([name, router]) => [name, routeItem(router, routing)])),
    middlewares: Object.fromEntries(Object.entries(routing.middlewares).map(([name, facts]) => [name, { summary: Object.keys(facts)[0]?.split(".")[0] ?? "", facets: { configuration: facts } }])),
  };
}

function readFile(http: Document, { routers, targets, middlewares }: Routing): void {
  for (const [name, router] of Object.entries(mapping(http["routers"]))) routers[name] = mapping(router);
  for (const [name, service] of Object.entries(mapping(http["services"]))) {
    const servers = list(mapping(mapping(service)["loadBalancer"])["servers"]).map((server) => scalar(mapping(server)["url"]).replace("http://", ""));
    targets[name] = servers.length > 0 ? servers.join(", ") : scalar(service);
  }
  for (const [name, middleware] of Object.entries(mapping(http["middlewares"]))) middlewares[name] = leaves(middleware);
}

function readLabels(service: string, labels: Facts, { routers, targets, middlewares }: Routing): void {
  for (const [label, fact] of Object.entries(labels)) {
    const [, kind, name, path] = /^traefik\.http\.(routers|services|middlewares)\.([^.]+)\.(.+)$/i.exec(label) ?? [];
    if (name === undefined || path === undefined) continue;
    const value = scalar(fact).replaceAll("$$", "$");
    if (kind === "routers") routers[name] = { ...routers[name], ...routerKey(path, value) };
    else if (kind === "middlewares") middlewares[name] = { ...middlewares[name], [path]: value };
    else if (path.toLowerCase() === "loadbalancer.server.port") targets[name] = `${service}:${value}`;
  }
}

/** A router's key as a file would have it. */
function routerKey(path: string, value: string): Document {
  if (path === "middlewares" || path === "entryPoints") return { [path]: value.split(",") };
  const [, option] = /^tls\.(.+)$/.exec(path) ?? [];
  return option === undefined ? { [path]: value } : { tls: { [option]: value } };
}

function routeItem(router: Document, { targets }: Routing): Items[string] {
  const { rule, service, middlewares, entryPoints, tls, ...options } = router;
  const address = ruleInWords(scalar(rule ?? ""));
  const target = targets[scalar(service)] ?? scalar(service);
  return {
    summary: `${address} → ${target}`,
    facets: {
      address: { "": address },
      "leads to": { "": target },
      middlewares: { "": list(middlewares).map((name) => scalar(name).replace(/@file$/, "")) },
      "entry points": { "": list(entryPoints).map(scalar) },
      TLS: { "": tlsInWords(tls) },
      options: leaves(options),
    },
  };
}

function tlsInWords(tls: unknown): string {
  if (tls === undefined) return "off";
  const resolver = mapping(tls)["certResolver"];
  return resolver === undefined ? "on" : `certificate by ${scalar(resolver)}`;
}

/** ``Host(`a.nl`) && PathPrefix(`/api`)`` is `https://a.nl/api`; a rule of another form stays as it is. */
function ruleInWords(rule: string): string {
  const [, host, prefix, path = prefix] = /^Host\(`([^`]+)`\)(?: && (?:PathPrefix\(`([^`]+)`\)|\(Path\(`([^`]+)`\) \|\| PathPrefix\(`\3\/`\)\)))?$/.exec(rule) ?? [];
  return host === undefined ? rule : `https://${host}${path ?? ""}`;
}

import { describe, expect, it } from "vitest";
import { forwardAuth, middleware, resolveEnvironment, route, service, stack, type ResolvedRoute, type Route } from "../index.ts";
import { basis, door, place, proxy } from "../testing/platform.fixture.ts";
import { ruleText } from "../traefik/rule.ts";
import { routeRule } from "./route-rule.ts";

const web = service("web", { ...basis, ports: { http: 3000 }, signIn: forwardAuth({ groups: ["members"] }) });
const limit = middleware("limit", { rateLimit: { average: 1 } });
const headers = middleware("headers", { headers: { frameDeny: true } });
const limited = stack("edge", { services: [door], proxy: { ...proxy, everyRoute: [headers, limit] } });

function resolvedRoute(one: Route): ResolvedRoute {
  const [first] = resolveEnvironment(place({ door: [limited], services: [web], routes: [one] })).routes;
  if (!first) throw new Error("no route");
  return first;
}
const toWeb = (options: Partial<Parameters<typeof route>[1]> = {}): ResolvedRoute => resolvedRoute(route(web.ports.http, { host: "@", ...options }));

describe("a router's name", () => {
  it.each([
    ["the service's main route", {}, "web"],
    ["a path", { path: "/api/v1.0" }, "web-api-v1-0"],
    ["a subdomain", { host: "shop" }, "web-shop"],
    ["a full host name", { host: "shop.example.org" }, "web-shop-example-org"],
    ["methods", { methods: ["GET", "HEAD"] }, "web-get-head"],
  ] as const)("says %s", (_, options, name) => {
    expect(toWeb(options).name).toBe(name);
  });
});

describe("a route", () => {
  it("knows its full host, its port, and the network on which the proxy comes", () => {
    expect(toWeb({ host: "shop" })).toMatchObject({ host: "shop.example.org", port: 3000, network: "traefik--web", via: "labels" });
  });

  it("passes the edge's middlewares, unless it gives one of the same name", () => {
    const own = middleware("limit", { rateLimit: { average: 9 } });
    expect(toWeb()).toMatchObject({ shared: [headers, limit], own: [] });
    expect(toWeb({ middlewares: [own] })).toMatchObject({ shared: [headers], own: [own] });
  });

  it("stands behind the wall of its service, unless it says why not", () => {
    expect(toWeb().walled).toBe(true);
    expect(toWeb({ openBecause: "a test" }).walled).toBe(false);
  });

  it("is switched in a file where its service is released blue/green", () => {
    const coloured = service("web", { ...basis, ports: { http: 3000 }, release: { kind: "blue-green", drain: { ms: 1 } } });
    const [first] = resolveEnvironment(place({ services: [coloured], routes: [route(coloured.ports.http, { host: "@" })] })).routes;
    expect(first?.via).toBe("file");
  });

  it("to a port of the proxy itself is in a file too, and needs no network", () => {
    expect(resolvedRoute(route(door.ports.http, { host: "door" }))).toMatchObject({ service: "traefik", via: "file", network: undefined });
  });
});

describe("a route's rule", () => {
  it.each([
    [{}, "Host(`example.org`)"],
    [{ path: "/api" }, "Host(`example.org`) && (Path(`/api`) || PathPrefix(`/api/`))"],
    [{ methods: ["GET"] }, "Host(`example.org`) && Method(`GET`)"],
    [{ methods: ["GET", "HEAD"] }, "Host(`example.org`) && (Method(`GET`) || Method(`HEAD`))"],
  ] as const)("of %j takes %s", (options, text) => {
    expect(ruleText(routeRule(toWeb(options)))).toBe(text);
  });
});

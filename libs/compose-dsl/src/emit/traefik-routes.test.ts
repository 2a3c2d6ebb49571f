import { describe, expect, it } from "vitest";
import { acme, forwardAuth, identity, middleware, resolveEnvironment, route, service, stackProvider } from "../index.ts";
import { basis, place } from "../testing/platform.fixture.ts";
import { proxyFiles, routeLabels } from "./traefik-routes.ts";

const shop = service("shop", { ...basis, ports: { http: 3000 } });

/** How the router of a host gets its certificate. */
function tlsOf(host: string, { wildcard }: { readonly wildcard: boolean }) {
  const environment = resolveEnvironment(
    place({
      services: [shop],
      routes: [route(shop.ports.http, { host })],
      certificates: acme({ dns: "scaleway", email: "admin@example.org", wildcard }),
    }),
  );
  const [resolved] = environment.routes;
  if (resolved === undefined || environment.proxy === undefined) throw new Error("the fixture has no route");
  return Object.values(routeLabels(resolved, environment.proxy, environment.node).routers ?? {}).map(({ tls }) => tls);
}

const wildcard = { certResolver: "acme", domains: [{ main: "example.org", sans: ["*.example.org"] }] };

describe("a router's certificate by ACME", () => {
  it.each(["@", "shop"])("is the wildcard for the host %s, which it covers", (host) => {
    expect(tlsOf(host, { wildcard: true })).toEqual([wildcard]);
  });

  it("is one of its own for a host further down, which no wildcard covers", () => {
    expect(tlsOf("new.shop", { wildcard: true })).toEqual([{ certResolver: "acme" }]);
  });

  it("is one of its own for each host where no wildcard is wanted", () => {
    expect(tlsOf("@", { wildcard: false })).toEqual([{ certResolver: "acme" }]);
  });
});

describe("the routes of machines", () => {
  const auth = service("auth", { ...basis, zone: "identity", ports: { http: 9000 } });
  const signIn = stackProvider(identity, {
    endpoint: auth.ports.http,
    clients: { host: "auth", issuerPath: (client) => `/${client}`, groups: ["operators"], accountsPath: "/accounts" },
    wall: { outpost: auth.ports.http, outpostPath: "/outpost", middleware: middleware("sign-in", { forwardAuth: { address: "http://auth:9000/", trustForwardHeader: true } }) },
  });
  const routersFor = ({ machines }: { readonly machines: boolean }) => {
    const figures = service("figures", { ...basis, ports: { http: 3000 }, signIn: forwardAuth({ groups: ["operators"], machines }) });
    return proxyFiles(resolveEnvironment(place({ services: [figures, auth], provides: [signIn], routes: [route(figures.ports.http, { host: "figures" })] }))).get("machines.yaml")?.http.routers;
  };

  it("are asked before the people's, meet the password instead of the wall, and lead to the same service", () => {
    const routers = Object.entries(routersFor({ machines: true }) ?? {});
    expect(routers.map(([name, { rule, service: to }]) => [name, rule, to])).toEqual([["figures-figures-machines", "Host(`figures.example.org`) && HeaderRegexp(`Authorization`, `(?i)^basic `)", "figures-figures@docker"]]);
    expect(routers[0]?.[1].middlewares?.at(-1)).toBe("machines@file");
    expect(routers[0]?.[1].middlewares).not.toContain("sign-in@file");
  });

  it("are there for no service that didn't ask for them", () => {
    expect(routersFor({ machines: false })).toBeUndefined();
  });
});

import { describe, expect, it } from "vitest";
import { acme, resolveEnvironment, route, service } from "../index.ts";
import { basis, place } from "../testing/platform.fixture.ts";
import { routeLabels } from "./traefik-routes.ts";

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

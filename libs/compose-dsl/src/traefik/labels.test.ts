import { describe, expect, it } from "vitest";
import { traefikLabels } from "./labels.ts";
import { refusedLabels } from "./refused-labels.ts";
import { and, host, pathPrefix, ruleText } from "./rule.ts";
import { everyBalancingKey, everyMiddleware, everyRouterKey } from "./traefik.fixture.ts";

const every = traefikLabels({
  routers: { every: everyRouterKey },
  services: { web: { loadBalancer: { ...everyBalancingKey, server: { port: 3000, scheme: "h2c", weight: 1, preservePath: true } }, middlewares: ["compress"] } },
  middlewares: everyMiddleware,
});

describe("traefikLabels", () => {
  it("writes a router, a service and a middleware, sorted by key", () => {
    const labels = traefikLabels({
      services: { web: { loadBalancer: { server: { port: 3000 } } } },
      routers: {
        web: {
          rule: ruleText(and(host("jlam.nl"), pathPrefix("/app"))), service: "web", entryPoints: ["websecure"],
          middlewares: ["security@file", "web-prefix"], tls: {},
        },
      },
      middlewares: { "web-prefix": { stripPrefix: { prefixes: ["/app"] } } },
    });
    expect(Object.entries(labels)).toEqual([
      ["traefik.http.middlewares.web-prefix.stripPrefix.prefixes", "/app"],
      ["traefik.http.routers.web.entryPoints", "websecure"],
      ["traefik.http.routers.web.middlewares", "security@file,web-prefix"],
      ["traefik.http.routers.web.rule", "Host(`jlam.nl`) && PathPrefix(`/app`)"],
      ["traefik.http.routers.web.service", "web"],
      ["traefik.http.routers.web.tls", "true"],
      ["traefik.http.services.web.loadBalancer.server.port", "3000"],
    ]);
  });

  it("writes every key of routers, services and middlewares", async () => {
    await expect(Object.entries(every).map((label) => label.join("=")).join("\n") + "\n").toMatchFileSnapshot("golden/every-label.txt");
  });

  it("writes no label that Traefik would ignore or refuse", () => {
    expect(refusedLabels(every)).toEqual([]);
  });

  it("leaves out what is undefined", () => {
    const named: { readonly weight?: number } = {};
    expect(traefikLabels({ services: { a: { loadBalancer: { server: { port: 1, ...named } } } } })).toEqual({
      "traefik.http.services.a.loadBalancer.server.port": "1",
    });
  });

  it("refuses a name that would divide a label", () => {
    expect(() => traefikLabels({ routers: { "a.b": { rule: "Host(`a`)", service: "a" } } })).toThrow('"a.b" (below traefik.http.routers)');
  });

  it("refuses a list entry with a comma", () => {
    expect(() => traefikLabels({ middlewares: { a: { stripPrefixRegex: { regex: ["^/a{1,2}"] } } } })).toThrow("comma would split it");
  });

  it("refuses an empty list, which would mean something else than none", () => {
    expect(() => traefikLabels({ middlewares: { a: { errors: { status: ["500"], service: "a", errorRequestHeaders: [] } } } })).toThrow("is an empty list");
  });

  it("refuses options that are empty where Traefik needs some", () => {
    expect(() => traefikLabels({ middlewares: { a: { headers: {} } } })).toThrow("traefik.http.middlewares.a.headers has no options");
  });
});

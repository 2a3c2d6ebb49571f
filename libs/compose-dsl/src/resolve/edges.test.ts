import { describe, expect, it } from "vitest";
import { originOf, outsideProvider, resolveEnvironment, route, service, to, type ResolvedEnvironment } from "../index.ts";
import { aDatabase, basis, inContainer, place, type Parts } from "../testing/platform.fixture.ts";

const database = aDatabase("app");
const api = service("api", { ...basis, ports: { http: 80 } });
const managed = outsideProvider(database, { host: "db.example.org", port: 5432, tls: { kind: "verify-full", certificateAuthority: "own" }, passwords: "ours", user: (role) => role }, originOf(outsideProvider));

const resolved = (parts: Parts): ResolvedEnvironment => resolveEnvironment(place(parts));
const networksOf = (environment: ResolvedEnvironment, name: string): readonly string[] => environment.services.get(name)?.networks.map((network) => network.name) ?? [];

describe("networks", () => {
  it("are one for each edge, on which nobody else is", () => {
    const environment = resolved({ provides: [inContainer(database)], services: [api, service("web", { ...basis, connects: { database, api: api.ports.http } })] });
    expect(environment.networks.get("web--postgres-app")).toMatchObject({ members: ["web", "postgres-app"], internal: true });
    expect(environment.networks.get("web--api")).toMatchObject({ members: ["web", "api"], internal: true });
    expect(networksOf(environment, "api")).toEqual(["web--api"]);
  });

  it("are shared by two connections to one service", () => {
    const both = service("both", { ...basis, ports: { http: 80, metrics: 81 } });
    const environment = resolved({ services: [both, service("web", { ...basis, connects: { http: both.ports.http, metrics: both.ports.metrics } })] });
    expect(networksOf(environment, "both")).toEqual(["web--both"]);
  });

  it("lead the proxy to every routed service, and to no other", () => {
    const environment = resolved({ services: [api, service("hidden", { ...basis, ports: { http: 80 } })], routes: [route(api.ports.http, { host: "@" })] });
    expect(networksOf(environment, "traefik")).toEqual(["traefik--api"]);
    expect(networksOf(environment, "hidden")).toEqual([]);
  });

  it("let out only who connects to something outside, or says why", () => {
    const environment = resolved({ provides: [managed], services: [api, service("web", { ...basis, connects: { database } }), service("news", { ...basis, reachesOutside: "reads the news" })] });
    expect(environment.networks.get("web--outside")).toMatchObject({ internal: false, members: ["web"] });
    expect(environment.networks.get("news--outside")).toMatchObject({ internal: false, because: "reads the news" });
    expect([...environment.networks.keys()]).not.toContain("api--outside");
  });

  it("keep the reason of their edge", () => {
    const environment = resolved({ services: [api, service("web", { ...basis, connects: { api: to(api.ports.http, { because: "asks for prices" }) } })] });
    expect(environment.networks.get("web--api")?.because).toBe("asks for prices");
  });

  it("don't fit into a range that is too small, which is a problem and no exception", () => {
    const environment = resolved({ range: "10.0.0.0/28", services: [api, service("web", { ...basis, connects: { api: api.ports.http } }), service("old", { ...basis, connects: { api: api.ports.http } })] });
    expect(environment.problems).toEqual([expect.objectContaining({ rule: "address-range", message: "2 networks don't fit into 10.0.0.0/28, which has room for 1" })]);
  });
});

describe("the start order", () => {
  const waitsOf = (environment: ResolvedEnvironment, name: string): unknown => environment.services.get(name)?.dependsOn.map(({ service: other, condition }) => [other, condition]);

  it("follows from connections", () => {
    const environment = resolved({ provides: [inContainer(database)], services: [service("web", { ...basis, connects: { database } })] });
    expect(waitsOf(environment, "web")).toEqual([["postgres-app", "service_healthy"]]);
  });

  it("only waits for the start of what has no health check", () => {
    const { health: _health, ...unhealthy } = basis;
    const mute = service("mute", { ...unhealthy, ports: { http: 80 } });
    expect(waitsOf(resolved({ services: [mute, service("web", { ...basis, connects: { mute: mute.ports.http } })] }), "web")).toEqual([["mute", "service_started"]]);
  });

  it("is left open by an edge that doesn't wait, by the proxy, and by what is outside", () => {
    const watching = service("watch", { ...basis, connects: { api: to(api.ports.http, { wait: false }), database } });
    const environment = resolved({ provides: [managed], services: [api, watching], routes: [route(api.ports.http, { host: "@" })] });
    expect(waitsOf(environment, "watch")).toEqual([]);
    expect(waitsOf(environment, "traefik")).toEqual([]);
  });
});

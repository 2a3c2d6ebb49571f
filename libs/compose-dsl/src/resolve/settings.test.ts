import { describe, expect, it } from "vitest";
import { environmentName, file, from, generated, host, override, port, proxyRange, resolveEnvironment, route, service, url, type Override, type ServiceNode } from "../index.ts";
import { aDatabase, basis, inContainer, place, program, type Parts } from "../testing/platform.fixture.ts";

const database = aDatabase("app");
const settingsOf = (node: ServiceNode, parts: Parts = {}) => resolveEnvironment(place({ ...parts, services: [node, ...(parts.services ?? [])] })).services.get(node.name)?.environment;
const valuesOf = (node: ServiceNode, parts: Parts = {}): Readonly<Record<string, string>> => Object.fromEntries([...(settingsOf(node, parts) ?? [])].map(([name, { value }]) => [name, value]));

describe("a setting", () => {
  it("is text, whatever it was written as", () => {
    expect(valuesOf(service("web", { ...basis, settings: { A: 1.5, B: true, C: "$HOME" } }))).toEqual({ A: "1.5", B: "true", C: "$HOME" });
  });

  it("names a secret by its file", () => {
    expect(valuesOf(service("web", { ...basis, secrets: { KEY: generated({ bytes: 32 }) }, settings: { A: file("KEY"), B: file("KEY", { prefix: "file://" }) } }))).toEqual({
      A: "/run/secrets/KEY",
      B: "file:///run/secrets/KEY",
    });
  });

  it("knows the environment", () => {
    const node = service("web", { ...basis, ports: { http: 3000 }, settings: { PORT: port("http"), NAME: environmentName(), HOST: host("auth"), SITE: url("@", "/start") } });
    expect(valuesOf(node)).toEqual({ PORT: "3000", NAME: "test", HOST: "auth.example.org", SITE: "https://example.org/start" });
  });

  it("says the port in an address where browsers don't assume it", () => {
    expect(valuesOf(service("web", { ...basis, settings: { SITE: url("@") } }), { publishing: { address: "127.0.0.1", http: 10_080, https: 10_443 } })).toEqual({ SITE: "https://example.org:10443" });
  });

  it("asks a connection for its parts", () => {
    const node = service("web", { ...basis, connects: { database }, settings: { HOST: from("database", "host"), SSL: from("database", "sslmode"), PASSWORD: from("database", "passwordFile", { prefix: "file://" }) } });
    expect(valuesOf(node, { provides: [inContainer(database)] })).toEqual({ HOST: "postgres-app", SSL: "disable", PASSWORD: "file:///run/secrets/DATABASE_PASSWORD" });
  });

  it("is left out where the environment has no such part", () => {
    expect(valuesOf(service("web", { ...basis, connects: { database }, settings: { CA: from("database", "caFile") } }), { provides: [inContainer(database)] })).toEqual({});
  });

  it("trusts the proxy's network, and nothing where no route leads to the service", () => {
    const node = service("web", { ...basis, ports: { http: 80 }, settings: { TRUSTED: proxyRange() } });
    expect(valuesOf(node, { routes: [route(node.ports.http, { host: "@" })] })).toEqual({ TRUSTED: expect.stringMatching(/^10\.\d+\.\d+\.\d+\/28$/) });
    expect(valuesOf(node)).toEqual({});
  });
});

describe("a connection", () => {
  it("tells programs of ours where it leads", () => {
    expect(valuesOf(service("web", { ...basis, image: program, connects: { database } }), { provides: [inContainer(database)] })).toEqual({
      DATABASE_HOST: "postgres-app",
      DATABASE_PORT: "5432",
      DATABASE_NAME: "app",
      DATABASE_USER: "application",
      DATABASE_PASSWORD_FILE: "/run/secrets/DATABASE_PASSWORD",
      DATABASE_TLS: "off",
    });
  });

  it("tells nothing to others, who don't know the names", () => {
    expect(valuesOf(service("web", { ...basis, connects: { database } }), { provides: [inContainer(database)] })).toEqual({});
  });
});

describe("an override", () => {
  const web = service("web", { ...basis, settings: { LOG_LEVEL: "info", OTHER: "x" } });
  const overriding = (...overrides: Override[]): Parts => ({ overrides });

  it("replaces a setting, and the others stay", () => {
    expect(valuesOf(web, overriding(override(web, { settings: { LOG_LEVEL: "debug" } })))).toEqual({ LOG_LEVEL: "debug", OTHER: "x" });
  });

  it("is named as what put the value there, with its place", () => {
    const one = override(web, { settings: { LOG_LEVEL: "debug" } });
    const settings = settingsOf(web, overriding(one));
    expect(settings?.get("LOG_LEVEL")?.why).toMatchObject({ kind: "override", at: one.at, field: "settings.LOG_LEVEL" });
    expect(settings?.get("OTHER")?.why).toMatchObject({ kind: "declared", at: web.at, field: "settings.OTHER" });
    expect(one.at.file).toMatch(/settings\.test\.ts$/);
  });

  it("comes after an earlier one of the same service", () => {
    expect(valuesOf(web, overriding(override(web, { settings: { LOG_LEVEL: "debug" } }), override(web, { settings: { LOG_LEVEL: "warn" } })))).toMatchObject({ LOG_LEVEL: "warn" });
  });

  it("changes limits and the grace period, and remembers where", () => {
    const one = override(web, { resources: { memory: "512M", cpus: 1 }, stopGrace: "1m" });
    const resolved = resolveEnvironment(place({ services: [web], overrides: [one] })).services.get("web");
    expect(resolved?.node).toMatchObject({ resources: { memory: { bytes: 512 * 1024 ** 2 }, cpus: 1, pids: 256 }, stopGrace: { ms: 60_000 } });
    expect([...(resolved?.overridden ?? [])]).toEqual([["resources", one.at], ["stopGrace", one.at]]);
  });

  it("of a service that isn't there is a problem, with the nearest name", () => {
    const { problems } = resolveEnvironment(place({ services: [web], overrides: [override({ kind: "service", name: "wbe" }, {})] }));
    expect(problems).toEqual([expect.objectContaining({ rule: "unknown-override", message: expect.stringContaining('Did you mean "web"?') })]);
  });
});

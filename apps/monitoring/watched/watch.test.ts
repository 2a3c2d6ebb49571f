import { environment, image, exec, lockedImages, localAuthority, route, service, settledSurroundings, stack } from "@jlam/compose-dsl";
import { describe, expect, test } from "vitest";
import { platform, watchedPlatform } from "../platform.fixture.ts";
import { dependenciesOf } from "./dependencies.ts";
import { probesOf } from "./probes.ts";
import { watch } from "./watch.ts";

const watched = watchedPlatform();
const probes = (kind: string, of = watched) => of.probes.filter((probe) => probe.kind === kind);

describe("what is asked", () => {
  test("is every route, under the name that visitors use, through the proxy where only this machine knows the name", () => {
    expect(probes("public").map(({ address, through, hostName }) => [address, through, hostName])).toEqual([
      ["https://example.org/", "https://traefik:8443/", "example.org"],
      ["https://metrics.example.org/", "https://traefik:8443/", "metrics.example.org"],
      ["https://alerts.example.org/", "https://traefik:8443/", "alerts.example.org"],
      ["https://monitor.example.org/", "https://traefik:8443/", "monitor.example.org"],
    ]);
  });

  test("goes the way of a visitor, by name, where the world can reach the host", () => {
    const open = probes("public", watchedPlatform({ address: "0.0.0.0" }));
    expect(open.map(({ through, hostName, reaches }) => [through, hostName, reaches])).toEqual(open.map(() => [undefined, undefined, undefined]));
  });

  test("is each routed service past the proxy, on its health page or its port, and the proxy itself", () => {
    expect(probes("internal").map(({ address }) => address)).toContain("http://shop:80/health");
    expect(probes("tcp").map(({ address }) => address)).toEqual(["traefik:8443", "postgres-shop:5432", "redis-carts:6379", "smtp.example.com:465"]);
  });

  test("knows which addresses must turn strangers away", () => {
    expect(probes("public").filter(({ walled }) => walled).map(({ service: of }) => of)).toEqual(["prometheus", "alertmanager", "grafana"]);
  });

  test("leaves a route for other methods alone: a GET would say nothing", () => {
    const hook = service("hook", { owner: "a", image: image("tool", "docker.io/library/tool:1.0"), health: exec(["true"]), ports: { http: 80 }, resources: { memory: "64M", cpus: 0.25 } });
    const around = settledSurroundings(platform({ around: [stack("hook", { services: [hook], routes: [route(hook.ports.http, { host: "hook", methods: ["POST"] })] })] }));
    expect(probesOf(around).filter(({ service: of }) => of === "hook").map(({ kind }) => kind)).toEqual(["tcp"]);
  });

  test("is nothing public where no service publishes the https port", () => {
    const bare = environment("bare", { domain: "example.org", host: { memory: "8G", cpus: 1 }, range: "10.0.0.0/12", publishing: { address: "127.0.0.1", http: 80, https: 443 }, stacks: [], provides: [], certificates: localAuthority(), images: lockedImages({ registry: "r", lock: {} }) });
    expect(watch(settledSurroundings(bare))).toMatchObject({ probes: [], targets: [], parts: [] });
  });
});

describe("what is read", () => {
  test("an exporter speaks for its database, and carries the database's name and owner", () => {
    expect(watched.targets.find(({ runs }) => runs === "postgres-shop-exporter")).toMatchObject({ service: "postgres-shop", owner: "shopkeepers", exporter: "postgres", intervalSeconds: 10 });
  });

  test("is every service that declares metrics, at its own pace", () => {
    expect(watched.targets.find(({ runs }) => runs === "shop")).toMatchObject({ service: "shop", path: "/metrics", intervalSeconds: 30, exporter: undefined });
  });
});

describe("what depends on what", () => {
  test("goes through any number of steps, and leaves out who only watches", () => {
    const found = new Map(dependenciesOf(settledSurroundings(platform())).map(({ on, dependants }) => [on, dependants]));
    expect(found.get("postgres-shop")).toEqual(["shop"]);
    expect(found.get("traefik")).toEqual(["alertmanager", "grafana", "prometheus", "shop"]);
    expect([...found.keys()]).not.toContain("shop");
  });
});

test("what was promised is known with its unit, and Traefik's own promise is counted at the door", () => {
  expect(watched.promised).toEqual([
    { service: "traefik", availability: 0.999, p95Seconds: undefined, counted: "entrypoint" },
    { service: "shop", availability: 0.999, p95Seconds: 0.5, counted: "service" },
  ]);
});

test("whatever says that it is backed up is known, with how much may be lost", () => {
  expect(watched.backedUp).toEqual([{ resource: "postgres-shop", loseAtMostSeconds: 86_400, recoverWithinSeconds: 600 }]);
  expect(watched.tellsOfBackups).toBe(true);
});

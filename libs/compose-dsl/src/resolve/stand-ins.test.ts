import { describe, expect, test } from "vitest";
import { load } from "js-yaml";
import { z } from "zod";
import { emitFiles, image, resolveEnvironment, route, service } from "../index.ts";
import { aDatabase, basis, inContainer, place } from "../testing/platform.fixture.ts";

const rare = image("rare", "docker.io/library/rare:1.0", { registryOnly: true, probe: ["probe"] });
const database = aDatabase("app");
const real = service("real", { ...basis, image: rare, ports: { http: 9000 }, connects: { database } });
const standIn = service("stand-in", { ...basis, ports: { http: 9000 }, standsInFor: ["real"] });
const environment = resolveEnvironment(place({ services: [real, standIn], routes: [route(real.ports.http, { host: "real" })], provides: [inContainer(database)] }));
const emitted = z
  .object({ services: z.record(z.string(), z.looseObject({ profiles: z.array(z.string()).optional(), labels: z.record(z.string(), z.string()) })) })
  .parse(load(emitFiles(environment).get("app.yaml") ?? "")).services;

/** What the proxy reads. */
const routing = (name: string) => Object.entries(emitted[name]?.labels ?? {}).filter(([label]) => label.startsWith("traefik."));

describe("a stand-in", () => {
  test("has a profile of its own, so that it starts only when it is asked for", () => {
    expect(emitted["stand-in"]?.profiles).toEqual(["stand-in"]);
    expect(emitted["real"]?.profiles).toEqual(["rare"]);
  });

  test("answers under the other's name on the network that a route made", () => {
    expect(environment.services.get("stand-in")?.networks).toMatchObject([{ name: "traefik--real", aliases: ["real"] }]);
  });

  test("is not on networks that the other's own connections made", () => {
    expect(environment.networks.get("real--postgres-app")?.members).toEqual(["real", "postgres-app"]);
  });

  test("is routed to exactly as the other is", () => {
    expect(routing("stand-in")).not.toEqual([]);
    expect(routing("stand-in")).toEqual(routing("real"));
  });
});

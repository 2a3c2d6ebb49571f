import { describe, expect, test } from "vitest";
import { itinerary } from "../release/machine/host.fixture.ts";
import { startOrder } from "./start-order.ts";

const services = new Map([
  ["backup", ["object-store", "keys"]],
  ["keys", []],
  ["object-store", []],
  ["postgres-app", []],
  ["migrate", ["postgres-app"]],
  ["mailer", ["redis"]],
  ["redis", []],
  ["traefik", []],
  ["web-blue", ["migrate", "redis"]],
  ["web-green", ["migrate", "redis"]],
]);
const wanted = ["backup", "postgres-app"];

describe("an environment that jlam up booted", () => {
  const order = startOrder(services, wanted, undefined);

  test("comes up as its Compose files say, the edge last", () => {
    expect(order.basis).toEqual(["backup", "object-store", "keys", "postgres-app"]);
    expect(order.stages).toEqual([{ jobs: [], services: ["migrate", "mailer", "redis", "web-blue", "web-green"] }]);
    expect(order.isWhole).toBe(false);
  });
});

describe("an environment that a release serves", () => {
  const web = { service: "web", file: "", port: 1, routes: [], inFlight: null, endStreams: null, drain: 0, startLimit: 0, objectives: { availability: null, p95: null } };
  const order = startOrder(services, wanted, {
    folder: "",
    colour: "green",
    itinerary: itinerary({
      coloured: [web],
      groups: [
        { jobs: ["keys"], services: ["object-store", "postgres-app", "redis", "traefik"], startLimit: 0 },
        { jobs: [], services: ["backup", "mailer"], startLimit: 0 },
      ],
      jobs: [{ name: "migrate", command: ["node", "migrate.js", "--expand-only"] }],
    }),
  });

  test("has all stopped but what data comes back through, the colour that doesn't serve too", () => {
    expect(order.basis).toEqual(["backup", "object-store", "postgres-app"]);
    expect(order.rest).toEqual(["migrate", "mailer", "redis", "web-blue", "web-green"]);
  });

  test("comes up group by group, and then in the colour that serves, after its migration as the release ran it", () => {
    expect(order.stages).toEqual([
      { jobs: [], services: ["redis"] },
      { jobs: [], services: ["mailer"] },
      { jobs: [{ name: "migrate", command: ["node", "migrate.js", "--expand-only"] }], services: ["web-green"] },
    ]);
    expect(order.isWhole).toBe(true);
  });

  test("knows by which name a service runs, and what its one-shots run", () => {
    expect([order.named("web"), order.named("redis")]).toEqual(["web-green", "redis"]);
    expect([order.commandOf("migrate"), order.commandOf("other")]).toEqual([["node", "migrate.js", "--expand-only"], []]);
  });
});

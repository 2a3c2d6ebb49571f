import { describe, expect, it } from "vitest";
import { resolveEnvironment, service, stack, to } from "../index.ts";
import { basis, place } from "../testing/platform.fixture.ts";

const measured = service("web", { ...basis, ports: { metrics: 81 } });

/** Watches every service that has a port `metrics`. */
const watching = stack("watching", ({ services }) => ({
  services: [
    service("watcher", {
      ...basis,
      zone: "operations",
      connects: Object.fromEntries(
        services.flatMap(({ name, ports }) => (ports["metrics"] ? [[name, to(ports["metrics"], { because: "reads its metrics", wait: false })]] : [])),
      ),
    }),
  ],
}));

describe("a stack that looks around", () => {
  it("sees the services of all others, in whichever order they are listed", () => {
    const before = resolveEnvironment(place({ services: [measured], more: [watching] }));
    const after = resolveEnvironment(place({ door: [watching], services: [measured] }));
    expect(Object.keys(before.services.get("watcher")?.node.connects ?? {})).toEqual(["web"]);
    expect(Object.keys(after.services.get("watcher")?.node.connects ?? {})).toEqual(["web"]);
  });

  it("sees what another derived from what it saw", () => {
    const chain = (name: string, after: string) =>
      stack(name, ({ services }) => ({ services: services.some((one) => one.name === after) ? [service(name, { ...basis, ports: { metrics: 81 } })] : [] }));
    const environment = resolveEnvironment(place({ more: [chain("third", "second"), chain("second", "web"), watching], services: [measured] }));
    expect(Object.keys(environment.services.get("watcher")?.node.connects ?? {}).toSorted()).toEqual(["second", "third", "web"]);
    expect(environment.problems).toEqual([]);
  });

  it("knows the environment it is in", () => {
    const seen: unknown[] = [];
    const looking = stack("looking", ({ environment, domain, publishing, hostName }) => {
      seen.push([environment, domain, publishing.https, hostName("auth"), hostName("@")]);
      return { services: [] };
    });
    resolveEnvironment(place({ more: [looking] }));
    expect(seen.at(-1)).toEqual(["test", "example.org", 443, "auth.example.org", "example.org"]);
  });

  it("that never comes to an end is named in a problem", () => {
    const restless = stack("restless", ({ services }) => ({ services: services.map((_, number) => service(`copy-${number}`, { ...basis })) }));
    expect(resolveEnvironment(place({ more: [restless] })).problems).toContainEqual(expect.objectContaining({ rule: "stacks-settle", message: expect.stringContaining("the stacks restless change each time") }));
  });
});

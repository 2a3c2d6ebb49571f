import { describe, expect, test } from "vitest";
import { definitionOf, definitions } from "../alerts/index.ts";
import { watchedPlatform } from "../platform.fixture.ts";
import { announceable, announcedMatchers, waitsFor } from "./announcements.ts";

const watched = watchedPlatform();
const matcher = (name: string, services: readonly string[], expected: Parameters<typeof announcedMatchers>[2]) => announcedMatchers(watched, services, expected).find((found) => found.name === name)?.value;

describe("what waits during an announced restart", () => {
  test("wakes nobody where no interruption is expected: what wakes people goes on doing so", () => {
    expect(waitsFor("no-interruption").filter((name) => definitionOf(name).severity === "P1")).toEqual([]);
  });

  test("is never about security, backups, lost data, the host or monitoring itself", () => {
    const waiting = new Set(waitsFor("downtime"));
    const never = definitions.filter(({ name, category }) => ["security", "backup", "cost", "monitoring"].includes(category) || ["DataLossSuspected", "OutageBeyondTarget", "RestartLoop", "HostMemoryLow"].includes(name));
    expect(never.length).toBeGreaterThan(20);
    expect(never.filter(({ name }) => waiting.has(name)).map(({ name }) => name)).toEqual([]);
  });

  test("is of that environment and those services alone", () => {
    expect(announcedMatchers(watched, ["shop"], "no-interruption")).toEqual([
      { name: "environment", value: "test", isRegex: false, isEqual: true },
      { name: "service", value: "shop", isRegex: true, isEqual: true },
      { name: "alertname", value: waitsFor("no-interruption").join("|"), isRegex: true, isEqual: true },
    ]);
  });

  test("is of all that can't work without them where downtime is expected", () => {
    expect(matcher("service", ["postgres-shop"], "downtime")).toBe("postgres-shop|shop");
    expect(matcher("service", ["postgres-shop"], "no-interruption")).toBe("postgres-shop");
  });
});

test("services and resources can be announced, but no job, which nobody probes", () => {
  const [first] = watched.parts;
  if (first === undefined) throw new Error("nothing is watched");
  const withJob = { ...watched, parts: [...watched.parts, { ...first, name: "shop-migrate", kind: "job" as const }] };
  expect(announceable(withJob)).toEqual(expect.arrayContaining(["shop", "postgres-shop", "redis-carts", "traefik"]));
  expect(announceable(withJob)).not.toContain("shop-migrate");
});

import { describe, expect, test } from "vitest";
import { planFor, type Machine } from "./packages.ts";

const debian12: Machine = { platform: "linux", distribution: "debian", version: 12, root: true };
const all = ["client", "server", "compose", "buildx"] as const;

describe("planFor", () => {
  test("takes Debian 13's packages on Debian 12, and says so", () => {
    const plan = planFor(debian12, all);
    expect(plan).toMatchObject({ kind: "apt", pinned: "trixie", packages: ["docker.io", "docker-cli", "docker-compose", "docker-buildx"] });
    expect(plan).toMatchObject({ explanation: expect.stringContaining("from Debian 13") });
  });

  test.each([
    ["Debian 13", { ...debian12, version: 13 }, "docker-compose"],
    ["Debian testing", { ...debian12, version: undefined }, "docker-compose"],
    ["Ubuntu", { ...debian12, distribution: "ubuntu", version: 24 }, "docker-compose-v2"],
  ])("takes the distribution's own packages on %s", (_, machine, compose) => {
    expect(planFor(machine, all)).toMatchObject({ kind: "apt", pinned: undefined, packages: expect.arrayContaining([compose]) });
  });

  test("brings only the plugins where an engine answers", () => {
    expect(planFor(debian12, ["compose"])).toMatchObject({ packages: ["docker-compose", "docker-buildx"] });
  });

  test("gives the command to run where we are not root", () => {
    expect(planFor({ ...debian12, version: 13, root: false }, all)).toEqual({
      kind: "by-hand",
      byHand: "Run `sudo apt-get install docker.io docker-cli docker-compose docker-buildx`, and run this again.",
    });
  });

  test.each([
    ["macOS", { platform: "darwin", distribution: "", version: undefined, root: false }, "Docker Desktop"],
    ["another Linux", { ...debian12, distribution: "fedora", version: 44 }, "docs.docker.com"],
    ["Debian 11", { ...debian12, version: 11 }, "too old"],
    ["Debian 12 without root", { ...debian12, root: false }, "too old"],
  ] as const)("leaves it to the person on %s", (_, machine, word) => {
    expect(planFor(machine, all)).toEqual({ kind: "by-hand", byHand: expect.stringContaining(word) });
  });
});

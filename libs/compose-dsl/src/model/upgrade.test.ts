import { describe, expect, test } from "vitest";
import { image, postgres, service } from "../index.ts";
import { backedUp } from "./data.ts";
import { oneByOne, versionInTag } from "./upgrade.ts";

const basis = { owner: "team", resources: { memory: "64M", cpus: 0.25 } } as const;
const node = image("node", "docker.io/library/node:24");

describe("how versions follow each other", () => {
  test("is said of a service, with the database that restores know by its name", () => {
    const database = postgres("auth", { owner: "team", zone: "identity", holds: "identity-data", backup: backedUp({ loseAtMost: "24h", recoverWithin: "10m" }) });
    expect(service("server", { ...basis, image: node, upgrades: oneByOne("Authentik", { releases: ["2026.5", "2026.8"], database }) }).upgrades).toEqual({ kind: "one-by-one", program: "Authentik", releases: ["2026.5", "2026.8"], database: "auth" });
    expect(service("other", { ...basis, image: node }).upgrades).toBeUndefined();
  });
});

test.each([
  ["17.7", "17.7"],
  ["v3.7.15", "3.7.15"],
  ["2026.8.6", "2026.8.6"],
  ["17-bookworm", "17"],
  ["latest", undefined],
  ["release-3", undefined],
])("the tag %s names the version %s", (tag, version) => {
  expect(versionInTag(tag)).toBe(version);
});

import { describe, expect, test } from "vitest";
import { platform } from "../platform.fixture.ts";
import { buildRelease, type BuildInput, type Built } from "./build.ts";
import { hashOf } from "./canonical.ts";
import { configurationOf } from "./release.ts";

const input: BuildInput = {
  revision: "a".repeat(40),
  committedAt: "2026-11-22T10:00:00Z",
  environments: [platform({ name: "staging", domain: "staging.example.nl", range: "10.144.0.0/12" }), platform()],
  built: { "registry.example/web:release": hashOf("web") },
  schemas: {},
};

function released(built: Built) {
  if (built.kind === "problems") throw new Error(JSON.stringify(built.problems));
  return built;
}

describe("a release is built", () => {
  test("once: the same input gives the same id", () => {
    const again = { ...input, environments: [platform(), platform({ name: "staging", domain: "staging.example.nl", range: "10.144.0.0/12" })] };
    expect(released(buildRelease(again)).release.id).toBe(released(buildRelease(input)).release.id);
  });

  test("as another one for another program, revision or setting", () => {
    const ids = [input, { ...input, built: { "registry.example/web:release": hashOf("other") } }, { ...input, revision: "b".repeat(40) }, { ...input, environments: [platform({ level: "debug" })] }].map((each) => released(buildRelease(each)).release.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("with the hash of the very files that it brings to each environment", () => {
    const { release, files } = released(buildRelease(input));
    expect(Object.keys(release.environments).sort()).toEqual(["production", "staging"]);
    for (const [name, { configuration }] of Object.entries(release.environments)) expect(configurationOf(files.get(name) ?? new Map())).toBe(configuration);
  });

  test("with what planning needs to know of each service", () => {
    const services = released(buildRelease(input)).release.environments["production"]?.services ?? {};
    expect(services["web"]).toEqual({ stack: "site", takeover: { kind: "blue-green", drainMs: 20_000 }, image: `registry.example/web:release@${hashOf("web")}`, holds: "medical-data", volumes: [], routes: ["https://example.nl/"], usedBy: [], stopGraceMs: 10_000 });
    expect(services["redis-sessions"]).toMatchObject({ takeover: { kind: "recreate" }, volumes: ["sessions"], usedBy: ["web"], stopGraceMs: 5_000 });
    expect(services["web-migrate"]).toMatchObject({ takeover: { kind: "one-shot" } });
    expect(services["traefik"]?.routes).toEqual(["https://example.nl/"]);
  });

  test("with one digest for each image", () => {
    const { images } = released(buildRelease(input)).release;
    expect(images["registry.example/web:release"]).toBe(hashOf("web"));
    expect(Object.keys(images)).toHaveLength(4);
  });
});

describe("no release is built", () => {
  test("of an image without a digest, which is named once for each environment", () => {
    const { kind, ...rest } = buildRelease({ ...input, built: {} });
    expect({ kind, ...rest }).toEqual({ kind: "problems", problems: ["staging", "production"].map((environment) => ({ environment, image: "registry.example/web:release", message: "it has no digest" })) });
  });

  test("of an image that is another one in another environment: staging would prove nothing", () => {
    const other = platform({ name: "staging", domain: "staging.example.nl", range: "10.144.0.0/12" });
    const { images } = other.node;
    if (images.kind !== "locked") throw new Error("the fixture locks its images");
    const moved = { ...other, node: { ...other.node, images: { ...images, lock: { ...images.lock, "redis:8.0": hashOf("another redis") } } } };
    expect(buildRelease({ ...input, environments: [platform(), moved] })).toMatchObject({ kind: "problems", problems: [{ environment: "staging", image: "redis:8.0", message: expect.stringContaining("another program") }] });
  });
});

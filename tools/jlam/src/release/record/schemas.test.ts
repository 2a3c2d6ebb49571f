import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { isReleased } from "@jlam/compose-dsl";
import { describe, expect, test } from "vitest";
import { environmentNames, loadEnvironment, repositoryRoot } from "../../synth/platform.ts";
import { platform } from "../platform.fixture.ts";
import { buildRelease } from "./build.ts";
import { hashOf } from "./canonical.ts";
import { folder } from "./clone.fixture.ts";
import { schemasOf } from "./schemas.ts";

describe("schema contracts", () => {
  test("of our own platform are the migrations of its applications, with the job that applies them", async () => {
    const { web, ...others } = await schemasOf(repositoryRoot, await loadEnvironment("production"));
    expect(web).toMatchObject({ job: "web-migrate", database: "postgres-app" });
    expect(web?.steps[0]).toEqual({ number: 1, name: "site-message", phase: "expand" });
    expect(web?.steps.map(({ number }) => number)).toEqual(web?.steps.map((_, index) => index + 1));
    expect(others).toEqual({});
  });

  test("that no job applies are refused, since nothing would ever migrate", async () => {
    const environment = platform();
    await expect(schemasOf(repositoryRoot, { ...environment, edges: [] })).rejects.toThrow("Nothing applies the migrations of web in production.");
  });

  test("are none where no application has migrations", async () => {
    const root = folder();
    mkdirSync(join(root, "apps/page"), { recursive: true });
    expect(await schemasOf(root, platform())).toEqual({});
  });
});

test("our own released environments become one release, once every image has a digest", async () => {
  const all = await Promise.all(environmentNames().map((name) => loadEnvironment(name)));
  const environments = all.filter(({ node }) => isReleased(node));
  const input = { revision: "a".repeat(40), committedAt: "2026-11-22T10:00:00Z", environments, schemas: {} };
  const unlocked = buildRelease({ ...input, built: {} });
  const images = unlocked.kind === "problems" ? unlocked.problems.map(({ image }) => image) : [];
  const { kind, ...built } = buildRelease({ ...input, built: Object.fromEntries(images.map((image) => [image, hashOf(image)])) });
  expect(kind).toBe("release");
  expect("release" in built && Object.keys(built.release.environments).sort()).toEqual(["production", "staging"]);
});

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { repositoryRoot } from "../synth/platform.ts";

const renovateSchema = z.object({
  customManagers: z.array(z.object({ managerFilePatterns: z.array(z.string()), matchStrings: z.array(z.string()) })),
});
const { customManagers } = renovateSchema.parse(JSON.parse(readFileSync(join(repositoryRoot, "renovate.json"), "utf8")));

const regex = (pattern: string): RegExp => new RegExp(pattern.slice(1, -1));

/** What Renovate's custom managers find in a file: name and version of each match. */
function found(file: string): readonly { name: string | undefined; version: string | undefined }[] {
  const text = readFileSync(join(repositoryRoot, file), "utf8");
  return customManagers
    .filter(({ managerFilePatterns }) => managerFilePatterns.some((pattern) => regex(pattern).test(file)))
    .flatMap(({ matchStrings }) => matchStrings.flatMap((match) => [...text.matchAll(new RegExp(match, "g"))]))
    .map(({ groups }) => ({ name: groups?.["depName"], version: groups?.["currentValue"] }));
}

const sources = globSync("{apps,libs/platform}/**/*.ts", { cwd: repositoryRoot, exclude: ["**/node_modules", "**/dist", "**/*.test.ts", "**/*.fixture.ts"] });
const ofModel = (file: string): number =>
  [...readFileSync(join(repositoryRoot, file), "utf8").matchAll(/= image\(|image: image\(/g)].length;

describe("the Renovate configuration", () => {
  it("finds every official image of the model", () => {
    const missed = sources.filter((file) => found(file).length < ofModel(file));
    expect(missed).toEqual([]);
    expect(sources.reduce((sum, file) => sum + ofModel(file), 0)).toBeGreaterThan(5);
  });

  it("reads repository and tag apart", () => {
    expect(found("libs/platform/src/index.ts")).toContainEqual({ name: "docker.io/library/node", version: expect.stringMatching(/^24-/) });
  });

  it("finds the four linters that jlam test installs", () => {
    expect(found("tools/jlam/src/test/workflows.ts")).toHaveLength(4);
  });
});

import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { nx } from "./nx.fixture.ts";

const root = resolve(import.meta.dirname, "../..");
const environments = globSync("environments/*/environment.ts", { cwd: root }).map((file) => `@jlam/environment-${file.split("/")[1] ?? ""}`);
let own: string;

beforeAll(() => {
  own = mkdtempSync(join(tmpdir(), "jlam-nx-"));
});

afterAll(() => rmSync(own, { recursive: true, force: true }));

async function output(...args: readonly string[]): Promise<string> {
  const run = await nx(root, own, args);
  if (run.failed) throw new Error(run.output);
  return run.output;
}

const projectSchema = z.object({ tags: z.array(z.string()), targets: z.record(z.string(), z.unknown()) });
const listSchema = z.array(z.string());

const affected = async (file: string): Promise<readonly string[]> =>
  listSchema.parse(JSON.parse(await output("show", "projects", "--affected", `--files=${file}`, "--json"))).sort();

describe("Nx with the plugin", () => {
  it("knows the targets of an environment that has no line of configuration", async () => {
    const project = projectSchema.parse(JSON.parse(await output("show", "project", "@jlam/environment-local", "--json")));
    expect(project.tags).toContain("scope:environment");
    expect(Object.keys(project.targets)).toEqual(expect.arrayContaining(["synth", "drift", "check", "up", "test", "integration"]));
  });

  it("reaches from a provider to the environments and tools that import it, and to nothing else", async () => {
    expect(await affected("apps/redis/provider.ts")).toEqual(["@jlam/bench", "@jlam/cli", ...environments, "@jlam/redis", "@jlam/tests", "jlam-platform"].sort());
  });

  it("reaches from an environment to the tools that boot it, and to no app", async () => {
    expect(await affected("environments/ci/environment.ts")).toEqual(["@jlam/bench", "@jlam/cli", "@jlam/environment-ci", "@jlam/tests", "jlam-platform"]);
  });

  it("reaches every environment from the code that emits them", async () => {
    const reached = await affected("tools/jlam/src/synth/synthesise.ts");
    expect(reached).toEqual(expect.arrayContaining(environments));
    expect(reached).not.toContain("@jlam/web");
  });

  it("takes a second run of the same tests from the cache", async () => {
    const run = ["run-many", "-t", "test", "-p", "@jlam/postgres", "--output-style=static"];
    expect(await output(...run)).not.toContain("from the cache");
    expect(await output(...run)).toContain("from the cache instead of running the command for 1 out of 1 tasks");
  });
});

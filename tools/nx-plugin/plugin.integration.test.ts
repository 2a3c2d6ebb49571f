import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

const root = resolve(import.meta.dirname, "../..");
const environments = readdirSync(join(root, "environments")).map((name) => `@jlam/environment-${name}`);
let own: string;

beforeAll(() => {
  own = mkdtempSync(join(tmpdir(), "jlam-nx-"));
});

afterAll(() => rmSync(own, { recursive: true, force: true }));

/** Nx itself, with a cache of this test's own, and without what an Nx around this test has put into the environment. */
async function nx(...args: readonly string[]): Promise<string> {
  const outside = Object.entries(process.env).filter(([name]) => !name.startsWith("NX_") && !name.startsWith("VITEST"));
  const { stdout } = await execa("node_modules/.bin/nx", args, {
    cwd: root,
    extendEnv: false,
    env: {
      ...Object.fromEntries(outside),
      NX_CACHE_DIRECTORY: join(own, "cache"),
      NX_WORKSPACE_DATA_DIRECTORY: join(own, "data"),
      NX_DAEMON: "false",
      FORCE_COLOR: "0",
    },
    timeout: 110_000,
  });
  return stdout;
}

const projectSchema = z.object({ tags: z.array(z.string()), targets: z.record(z.string(), z.unknown()) });
const listSchema = z.array(z.string());

const affected = async (file: string): Promise<readonly string[]> =>
  listSchema.parse(JSON.parse(await nx("show", "projects", "--affected", `--files=${file}`, "--json"))).sort();

describe("Nx with the plugin", () => {
  it("knows the targets of an environment that has no line of configuration", async () => {
    const project = projectSchema.parse(JSON.parse(await nx("show", "project", "@jlam/environment-local", "--json")));
    expect(project.tags).toContain("scope:environment");
    expect(Object.keys(project.targets)).toEqual(expect.arrayContaining(["synth", "drift", "check", "up", "test", "integration"]));
  });

  it("reaches from a provider to the environments and tools that import it, and to nothing else", async () => {
    expect(await affected("apps/redis/provider.ts")).toEqual(["@jlam/cli", ...environments, "@jlam/redis", "jlam-platform"].sort());
  });

  it("reaches from an environment to the tools that boot it, and to no app", async () => {
    expect(await affected("environments/ci/environment.ts")).toEqual(["@jlam/cli", "@jlam/environment-ci", "jlam-platform"]);
  });

  it("reaches every environment from the code that emits them", async () => {
    const reached = await affected("tools/jlam/src/synth/synthesise.ts");
    expect(reached).toEqual(expect.arrayContaining(environments));
    expect(reached).not.toContain("@jlam/web");
  });

  it("takes a second run of the same tests from the cache", async () => {
    const run = ["run-many", "-t", "test", "-p", "@jlam/postgres", "--output-style=static"];
    expect(await nx(...run)).not.toContain("from the cache");
    expect(await nx(...run)).toContain("from the cache instead of running the command for 1 out of 1 tasks");
  });
});

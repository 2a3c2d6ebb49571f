import { appendFileSync, cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nx } from "./nx.fixture.ts";

const root = resolve(import.meta.dirname, "../..");
let copy: string;

/** A copy of the repository as it stands, with the packages of this one, in which `synth` and `check` of local have run. */
beforeEach(async () => {
  copy = mkdtempSync(join(tmpdir(), "jlam-nx-copy-"));
  const { stdout } = await execa("git", ["ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate"], { cwd: root });
  for (const file of stdout.split("\n")) cpSync(join(root, file), join(copy, file), { recursive: true });
  for (const packages of globSync(["node_modules", "*/node_modules", "{apps,environments,libs,tools}/*/node_modules"], { cwd: root })) {
    symlinkSync(join(root, packages), join(copy, packages));
  }
  expect(await notFromCache("synth", "check")).toEqual(["check", "synth"]);
});

afterEach(() => rmSync(copy, { recursive: true, force: true }));

const run = (...targets: readonly string[]) =>
  nx(copy, join(copy, ".nx"), ["run-many", "-t", ...targets, "-p", "@jlam/environment-local", "--excludeTaskDependencies", "--output-style=static"]);

/** Which of the targets ran, instead of being read from the cache. */
async function notFromCache(...targets: readonly string[]): Promise<readonly string[]> {
  const { failed, output } = await run(...targets);
  if (failed) throw new Error(output);
  const lines = output.split("\n").filter((line) => line.startsWith("> nx run @jlam/environment-local:"));
  return lines
    .filter((line) => !line.includes("cache"))
    .map((line) => line.split(":").at(-1)?.trim() ?? "")
    .sort();
}

const change = (file: string, text = "\n// Nothing that matters.\n"): void => appendFileSync(join(copy, file), text);

describe("a second run of an environment's targets", { timeout: 240_000 }, () => {
  it("comes from the cache when nothing changed", async () => {
    expect(await notFromCache("synth", "check")).toEqual([]);
  });

  it("comes from the cache when the program of an app changed, which no environment sees", async () => {
    change("apps/web/src/pages/html.ts");
    expect(await notFromCache("synth", "check")).toEqual([]);
  });

  it("is real when a provider that it imports changed", async () => {
    change("apps/redis/provider.ts");
    expect(await notFromCache("synth", "check")).toEqual(["check", "synth"]);
  });

  it("checks again when another environment changed, and emits nothing again", async () => {
    change("environments/ci/environment.ts");
    expect(await notFromCache("synth", "check")).toEqual(["check"]);
  });

  it("tells a hand edit instead of restoring over it", async () => {
    const file = "environments/local/generated/web.yaml";
    change(file, "# mine\n");
    const { failed, output } = await run("synth");
    expect(failed).toBe(true);
    expect(output).toContain(`${file} edited by hand`);
    expect(readFileSync(join(copy, file), "utf8")).toContain("# mine");
  });
});

/** Runs recipes' images once as our stacks run them: their user, a read-only root, no capability, no new privilege. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureEngine } from "../machine/engine.ts";
import { repositoryRoot } from "../synth/platform.ts";
import { recipeBuilder } from "./build.ts";
import { readRecipes } from "./recipe.ts";

export interface RecipeTrial {
  readonly recipe: string;
  readonly user: string;
  /** Further options of `docker run`. */
  readonly options: readonly string[];
  readonly command: readonly string[];
  /** Run inside; ready when it exits 0. */
  readonly ready: readonly string[];
  /** What it does, a command that shows it, run inside, and what that must print. */
  readonly does: readonly (readonly [what: string, command: readonly string[], prints: RegExp])[];
  /** Where commands run; `beside` for an image without a shell: in BusyBox on the same network. */
  readonly from?: "inside" | "beside";
  /** Seconds that it may take to end; 5 where nothing is said. */
  readonly endsWithin?: number;
  /** Its exit code then; 0 where nothing is said. A Go program that listens to no signal ends with 2. */
  readonly endsWith?: number;
}

/** On every container, network and volume that the test file starts; what carries it is removed at the end. */
export const label = `nl.jlam.test=${randomUUID()}`;

/** A folder for files to mount, removed at the end. */
export const folder = mkdtempSync(join(tmpdir(), "jlam-recipe-"));

export const build = recipeBuilder(readRecipes(repositoryRoot), () => undefined);

/** Builds the recipes beside each other before the file's tests, and removes what they leave after them. */
export function withRecipes(names: readonly string[], prepare: () => void | Promise<void>): void {
  beforeAll(async () => {
    await ensureEngine({ yes: true, say: () => undefined });
    await Promise.all(names.map((name) => build(name)));
    await prepare();
  });

  afterAll(async () => {
    const left = async (kind: "container" | "network") =>
      (await execa("docker", [kind, "ls", "--quiet", ...(kind === "container" ? ["--all"] : []), "--filter", `label=${label}`], { lines: true })).stdout;
    const containers = await left("container");
    if (containers.length > 0) await execa("docker", ["rm", "--force", "--volumes", ...containers]);
    const networks = await left("network");
    if (networks.length > 0) await execa("docker", ["network", "rm", ...networks]);
    rmSync(folder, { recursive: true });
  });
}

/** The tests that every recipe's image must pass; skipped where a reason is given. */
export function tryRecipes(trials: readonly RecipeTrial[], reason?: (recipe: string) => string): void {
  const told = trials.map((trial) => ({ ...trial, title: `${trial.recipe}${reason === undefined ? "" : ` (${reason(trial.recipe)})`}` }));
  describe.skipIf(reason !== undefined).each(told)("the image of recipe $title", ({ recipe, user, options, command, ready, does, from = "inside", endsWithin = 5, endsWith = 0 }) => {
    let id = "";
    const run = async (line: readonly string[]) => (from === "inside" ? ["exec", id, ...line] : await beside(id, line));

    beforeAll(async () => {
      const { image } = await build(recipe);
      const hardened = ["--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", `--user=${user}`];
      id = (await execa("docker", ["run", "--detach", "--label", label, ...hardened, ...options, image, ...command])).stdout;
    });

    test("gets ready as its user on a read-only root", async () => {
      await until(async () => succeeds(await run(ready)), async () => (await execa("docker", ["logs", id], { all: true })).all);
      const { stdout } = await execa("docker", ["top", id, "-o", "pid,uid,gid"]);
      const owners = stdout.split("\n").slice(1).map((line) => line.trim().split(/\s+/).slice(1).join(":"));
      expect(new Set(owners)).toEqual(new Set([user]));
    });

    test.each(does)("%s", async (_, line, prints) => {
      const { all } = await execa("docker", await run(line), { all: true });
      expect(all).toMatch(prints);
    });

    test(`ends within ${endsWithin} seconds of its stop signal, with ${endsWith}`, async () => {
      const start = performance.now();
      await execa("docker", ["stop", "--time", "60", id]);
      expect(performance.now() - start).toBeLessThan(endsWithin * 1000);
      const { stdout } = await execa("docker", ["inspect", "--format", "{{.State.ExitCode}}", id]);
      expect(stdout).toBe(String(endsWith));
    });
  });
}

/** Whether Docker's client ends well with these arguments. */
export async function succeeds(args: readonly string[]): Promise<boolean> {
  return !(await execa("docker", [...args], { reject: false })).failed;
}

/** Waits up to 60 s; a database's first start on a busy machine takes 10. */
export async function until(condition: () => Promise<boolean>, explain: () => Promise<string> = async () => ""): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`did not come about in 60 s\n${await explain()}`);
    await sleep(200);
  }
}

/** Arguments that run a command of BusyBox on a container's network. */
async function beside(id: string, command: readonly string[]): Promise<readonly string[]> {
  return ["run", "--rm", "--label", label, `--network=container:${id}`, (await build("busybox")).image, ...command];
}

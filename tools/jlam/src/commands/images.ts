/** `jlam images`: build, list and lock the container images. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { recipeBuilder } from "../images/build.ts";
import { presentImages } from "../images/docker.ts";
import { listImages, type ListedImage } from "../images/list.ts";
import { writeLock } from "../images/lock.ts";
import { pushImages } from "../images/push.ts";
import { findRecipe, readRecipes } from "../images/recipe.ts";
import { resolveDigest } from "../images/registry.ts";
import { sourcePolicy } from "../images/source.ts";
import { wantedImages } from "../images/wanted.ts";
import { ensureEngine } from "../machine/engine.ts";
import { knownEnvironments } from "../synth/names.ts";
import { environmentNames, loadEnvironment, repositoryRoot } from "../synth/platform.ts";
import { examples } from "../terminal/examples.ts";
import { PersonError } from "../terminal/failure.ts";
import { colour, print, printJson, printTable, say } from "../terminal/output.ts";
import { runSteps } from "../terminal/progress.ts";

export function register(command: Command): void {
  registerBuild(command.command("build").argument("[name...]", "recipes of tools/images/; all of them without"));
  registerList(command.command("list").argument("[environment]", "whose images", "local"));
  registerLock(command.command("lock").argument("[environment]", "whose images", "production"));
  registerPush(command.command("push").argument("[environment]", "whose registry", "staging"));
  examples(command, [
    ["jlam images build", "build every image that has a recipe, side by side"],
    ["jlam images list ci --json", "where each image comes from, as JSON"],
    ["jlam images lock staging", "resolve tags to digests, into images.lock.json"],
  ]);
  command.addHelpText(
    "after",
    "\nJLAM_IMAGES=registry|packages|auto says where images come from; JLAM_IMAGE_<NAME> replaces one of them.",
  );
}

function registerBuild(command: Command): void {
  command.summary("build images from packages").description("Builds images from packages, each only if its recipe changed.");
  command.option("--yes", "install a missing Docker engine without asking").option("--json", "print what was built as JSON");
  examples(command, [
    ["jlam images build", "all recipes"],
    ["jlam images build postgres redis", "two of them, and what they need"],
  ]);
  command.action(async (names: readonly string[], options: { yes?: true; json?: true }) => {
    const recipes = readRecipes(repositoryRoot);
    const asked = names.length === 0 ? [...recipes.keys()] : names.map((name) => findRecipe(recipes, name).name);
    await ensureEngine({ yes: options.yes === true, say });
    const listeners = new Map<string, (line: string) => void>();
    const build = recipeBuilder(recipes, (name, line) => listeners.get(name)?.(line));
    await runSteps(
      asked.map((name) => ({
        title: name,
        run: async (report) => {
          // A live list shows what each build is at; as plain lines it would be a thousand of them.
          if (process.stderr.isTTY) listeners.set(name, report);
          const { image, built, took } = await build(name);
          return `${image} ${built ? `built in ${seconds(took)}` : "is up to date"}`;
        },
      })),
      { concurrent: asked.length },
    );
    if (!options.json) return;
    const done = await Promise.all(asked.map(async (name) => ({ name, ...(await build(name)) })));
    const sizes = await presentImages(done.map(({ image }) => image));
    printJson(done.map((recipe) => ({ ...recipe, size: sizes.get(recipe.image) })));
  });
}

function registerList(command: Command): void {
  command.summary("where images come from").description("Says where an environment's images come from, and which are on this machine.");
  command.option("--json", "print JSON");
  examples(command, [
    ["jlam images list", "the images of local"],
    ["jlam images list ci --json", "as JSON"],
  ]);
  command.action(async (name: string, options: { json?: true }) => {
    const environment = await loadKnown(name);
    const policy = sourcePolicy(process.env["JLAM_IMAGES"]);
    const listed = await listImages(wantedImages(environment), { root: repositoryRoot, policy, report: () => undefined });
    if (options.json) return printJson(listed);
    printTable(["NAME", "SOURCE", "HERE", "SIZE", "IMAGE"], listed.map(asRow));
    for (const { name: image, reason } of listed) {
      if (reason !== undefined) say(`${colour("yellow", "!")} ${image}: ${reason}`);
    }
  });
}

function registerLock(command: Command): void {
  command.summary("resolve tags to digests").description("Resolves the tags of an environment's images at their registries and writes images.lock.json.");
  command.option("--json", "print what changed as JSON");
  examples(command, [
    ["jlam images lock", "the images of production"],
    ["jlam images lock staging", "those of staging"],
  ]);
  command.action(async (name: string, options: { json?: true }) => {
    const environment = await loadKnown(name);
    const references = wantedImages(environment).flatMap((image) => (image.kind === "published" ? [image.reference] : []));
    const path = join(repositoryRoot, "environments", environment.name, "images.lock.json");
    const changes = await writeLock(path, references, say);
    if (options.json) return printJson(changes);
    if (changes.length === 0) print(`All ${references.length} images are locked as they were.`);
    for (const { reference, before, after } of changes) print(`${reference}: ${before ?? "not locked"} → ${after}`);
  });
}

function registerPush(command: Command): void {
  command.summary("build and push our own images").description("Builds the images of our own programs from what is checked out, pushes them to the environment's registry, and writes their digests for `jlam release build`.");
  command.option("--output <file>", "where the digests go", "digests.json").option("--attest", "push what is inside and how it was built with them (SBOM and provenance)");
  examples(command, [["jlam images push staging --attest --output digests.json", "in CI, after `docker login`"]]);
  command.action(async (name: string, { output, attest }: { output: string; attest?: true }) => {
    const { node, ...environment } = await loadKnown(name);
    const policy = node.images;
    if (policy.kind !== "locked") throw new PersonError(`The images of ${name} come from no registry of ours.`, { fix: "Name an environment that is released, such as staging.", exitCode: 2 });
    const own = wantedImages({ node, ...environment }).flatMap((image) => (image.kind === "built" ? [image] : []));
    const images = await Promise.all(own.map(async ({ name: image, folder, base }) => ({ reference: `${policy.registry}/${image}:release`, folder, base: `${base.reference}@${policy.lock[base.reference] ?? (await resolveDigest(base.reference))}` })));
    const digests = await pushImages(images, { root: repositoryRoot, attest: attest === true, report: say });
    writeFileSync(output, `${JSON.stringify(digests, null, 2)}\n`);
    for (const [reference, digest] of Object.entries(digests)) print(`${reference}@${digest}`);
  });
}

async function loadKnown(name: string): ReturnType<typeof loadEnvironment> {
  const [known = name] = knownEnvironments([name], environmentNames());
  return await loadEnvironment(known);
}

function asRow({ name, source, present, size, reference }: ListedImage): readonly string[] {
  return [name, source, present ? "yes" : "no", size === undefined ? "" : `${Math.round(size / 1e6)} MB`, reference ?? ""];
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(0)} s`;
}

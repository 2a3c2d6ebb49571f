/** Builds recipes: each once, after those it needs, and only if its image isn't there yet. */
import { join } from "node:path";
import { bootstrap } from "./bootstrap.ts";
import { dockerBuild, presentImages } from "./docker.ts";
import { findRecipe, recipeImage, recipeNeeds, type Recipe, type Recipes } from "./recipe.ts";

/** Told what a build is at: the recipe's name, and a line about it. */
export type BuildReport = (name: string, line: string) => void;

export interface BuiltRecipe {
  readonly image: string;
  /** False where the image was there already. */
  readonly built: boolean;
  /** Milliseconds, without the time that needed recipes took. */
  readonly took: number;
}

/** Builds a recipe and what it needs. */
export type RecipeBuilder = (name: string) => Promise<BuiltRecipe>;

/**
 * A builder that builds each recipe at most once however often it is asked, so recipes that need the same base may be
 * asked for at the same time. A failed build throws a PersonError, for those that need it as well.
 */
export function recipeBuilder(recipes: Recipes, report: BuildReport): RecipeBuilder {
  const started = new Map<string, Promise<BuiltRecipe>>();
  const build: RecipeBuilder = (name) => {
    const running = started.get(name) ?? buildOnce(name);
    started.set(name, running);
    return running;
  };
  const buildOnce = async (name: string): Promise<BuiltRecipe> => {
    const recipe = findRecipe(recipes, name);
    const image = recipeImage(recipes, name);
    if ((await presentImages([image])).size > 0) return { image, built: false, took: 0 };
    const needs = await Promise.all(
      Object.entries(recipeNeeds(recipe)).map(async ([argument, needed]) => [argument, (await build(needed)).image] as const),
    );
    const start = performance.now();
    await buildImage(recipe, image, Object.fromEntries(needs), (line) => report(name, line));
    return { image, built: true, took: performance.now() - start };
  };
  return build;
}

async function buildImage(
  recipe: Recipe,
  tag: string,
  args: Readonly<Record<string, string>>,
  report: (line: string) => void,
): Promise<void> {
  const labels = { "nl.jlam.recipe": recipe.name, "org.opencontainers.image.version": recipe.version };
  switch (recipe.kind) {
    case "bootstrap":
      return await bootstrap({ tag, suite: recipe.suite, include: recipe.include, labels, report });
    case "dockerfile":
      return await dockerBuild({
        name: recipe.name,
        tag,
        context: recipe.folder,
        dockerfile: join(recipe.folder, "Dockerfile"),
        args,
        labels,
        report,
      });
  }
}

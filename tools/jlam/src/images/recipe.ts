/** Recipes: tools/images/<name>/recipe.json, and beside it what the image is built from. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { PersonError } from "../terminal/failure.ts";
import { hashFiles, listFiles } from "./content-hash.ts";

const fields = {
  /** What it is and where its program comes from, in a sentence. */
  about: z.string().min(1),
  /** Version of the program, for the tag and the label org.opencontainers.image.version. */
  version: z.string().regex(/^[A-Za-z0-9._-]+$/),
};

const schema = z.discriminatedUnion("kind", [
  /** A Debian base made by mmdebstrap. */
  z.strictObject({
    kind: z.literal("bootstrap"),
    ...fields,
    suite: z.string(),
    include: z.array(z.string()),
  }),
  /** A Dockerfile in the recipe's folder, which is also its context. */
  z.strictObject({
    kind: z.literal("dockerfile"),
    ...fields,
    /** Official image whose interface it keeps, with the part of the tag that it answers for: `postgres:17`. */
    standsInFor: z.string().optional(),
    /** Build arguments that take another recipe's image. */
    needs: z.record(z.string(), z.string()).default({}),
    /** Takes so long that nothing builds it but `jlam images build <name>`; its image is used wherever it is there. */
    onRequest: z.literal(true).optional(),
  }),
]);

export type Recipe = z.infer<typeof schema> & {
  readonly name: string;
  /** Absolute path of its folder. */
  readonly folder: string;
};

export type Recipes = ReadonlyMap<string, Recipe>;

/** Reads every recipe below `<root>/tools/images`. Throws a PersonError for a recipe.json that can't be understood. */
export function readRecipes(root: string): Recipes {
  const parent = join(root, "tools/images");
  const names = readdirSync(parent).filter((name) => existsSync(join(parent, name, "recipe.json")));
  return new Map(names.sort().map((name) => [name, readRecipe(join(parent, name), name)]));
}

function readRecipe(folder: string, name: string): Recipe {
  const file = join(folder, "recipe.json");
  try {
    return { ...schema.parse(JSON.parse(readFileSync(file, "utf8"))), name, folder };
  } catch (error) {
    throw new PersonError(`The recipe of image "${name}" can't be understood.`, {
      where: file,
      why: error instanceof z.ZodError ? z.prettifyError(error) : String(error),
      cause: error,
    });
  }
}

/**
 * The image that a recipe builds: `jlam-packages/<name>:<version>-<hash>`. The hash covers every file of the recipe,
 * the recipes it needs and the processor, so the tag changes exactly when the image must be built again.
 * Throws a PersonError for a recipe that needs an unknown one, or itself.
 */
export function recipeImage(recipes: Recipes, name: string): string {
  const recipe = findRecipe(recipes, name);
  return `jlam-packages/${name}:${recipe.version}-${recipeHash(recipes, recipe, []).slice(0, 12)}`;
}

/** Finds a recipe by name. Throws a PersonError that names the ones there are. */
export function findRecipe(recipes: Recipes, name: string): Recipe {
  const recipe = recipes.get(name);
  if (recipe !== undefined) return recipe;
  throw new PersonError(`There is no recipe for an image "${name}".`, {
    where: "tools/images/",
    fix: `There are recipes for ${[...recipes.keys()].join(", ")}.`,
  });
}

/** The recipes that a recipe's build needs, by build argument. */
export function recipeNeeds(recipe: Recipe): Readonly<Record<string, string>> {
  return recipe.kind === "dockerfile" ? recipe.needs : {};
}

function recipeHash(recipes: Recipes, recipe: Recipe, path: readonly string[]): string {
  if (path.includes(recipe.name)) {
    throw new PersonError("Image recipes need each other in a circle.", {
      where: "tools/images/",
      why: [...path, recipe.name].join(" → "),
    });
  }
  const needs = Object.entries(recipeNeeds(recipe))
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([argument, needed]) => `${argument}=${recipeHash(recipes, findRecipe(recipes, needed), [...path, recipe.name])}`);
  return hashFiles(recipe.folder, listFiles(recipe.folder), [process.arch, ...needs]);
}

/** Finds the facts on which the choice of an image's source rests. */
import type { BuildReport } from "./build.ts";
import { imageSize } from "./docker.ts";
import { readRecipes, type Recipes } from "./recipe.ts";
import { parseReference } from "./reference.ts";
import { registryAnswers } from "./registry.ts";
import type { SourceFacts, SourcePolicy } from "./source.ts";
import type { PublishedImage, WantedImage } from "./wanted.ts";

export interface ProvideOptions {
  /** The repository. */
  readonly root: string;
  readonly policy: SourcePolicy;
  /** Told what is being done for an image, by its name. */
  readonly report: BuildReport;
  /** Where JLAM_IMAGE_<NAME> is looked up; the process's own environment by default. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

export interface FactFinder {
  readonly recipes: Recipes;
  readonly of: (wanted: PublishedImage) => Promise<SourceFacts>;
}

/** A finder that reads the recipes once, and asks each registry at most once and only if its answer matters. */
export function sourceFacts(options: ProvideOptions): FactFinder {
  const recipes = readRecipes(options.root);
  const asked = new Map<string, Promise<boolean>>();
  const answers = (registry: string) => {
    const answer = asked.get(registry) ?? registryAnswers(registry);
    asked.set(registry, answer);
    return answer;
  };
  return {
    recipes,
    of: async (wanted) => {
      const given = givenImage(wanted, options);
      const present = (await imageSize(wanted.reference)) !== undefined;
      const matters = given === undefined && !present && options.policy !== "packages";
      return {
        given,
        present,
        registryAnswers: matters && (await answers(parseReference(wanted.reference).registry)),
        recipe: recipes.get(wanted.name),
      };
    },
  };
}

/** The image that the person set for a name, if any; an empty variable counts as unset. */
export function givenImage({ variable }: WantedImage, { environment = process.env }: ProvideOptions): string | undefined {
  return environment[variable] || undefined;
}

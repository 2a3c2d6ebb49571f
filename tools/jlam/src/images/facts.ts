/** Finds the facts on which the choice of an image's source rests. */
import type { BuildReport } from "./build.ts";
import { presentImages } from "./docker.ts";
import { recipeImage, type Recipes } from "./recipe.ts";
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

/** Facts of an image, or of the base that it is built on. */
export type FactsOf = (image: PublishedImage) => SourceFacts;

/**
 * Finds the facts of all these images and their bases: with one question to the engine, and at most one to each
 * registry, only where its answer matters.
 */
export async function findFacts(wanted: readonly WantedImage[], recipes: Recipes, options: ProvideOptions): Promise<FactsOf> {
  const images = wanted.map((image) => (image.kind === "published" ? image : image.base));
  const standIn = ({ name }: PublishedImage) => (recipes.has(name) ? [recipeImage(recipes, name)] : []);
  const present = await presentImages(images.flatMap((image) => [image.reference, ...standIn(image)]));
  const known = images.map((image) => ({
    image,
    given: givenImage(image, options),
    recipe: recipes.get(image.name),
    officialPresent: present.has(image.reference),
    recipePresent: standIn(image).some((reference) => present.has(reference)),
  }));
  const open = known.filter(({ given, officialPresent, recipePresent }) => {
    const settled = given !== undefined || officialPresent || (recipePresent && options.policy === "auto");
    return !settled && options.policy !== "packages";
  });
  const answering = await whichAnswer(open.map(({ image }) => parseReference(image.reference).registry));
  const facts = new Map(
    known.map(({ image, ...rest }) => [
      image.reference,
      { ...rest, registryAnswers: answering.has(parseReference(image.reference).registry) },
    ]),
  );
  return ({ reference }) => {
    const found = facts.get(reference);
    if (found === undefined) throw new Error(`no facts were gathered for ${reference}`);
    return found;
  };
}

/** The image that the person set for a name, if any; an empty variable counts as unset. */
export function givenImage({ variable }: WantedImage, { environment = process.env }: ProvideOptions): string | undefined {
  return environment[variable] || undefined;
}

async function whichAnswer(registries: readonly string[]): Promise<ReadonlySet<string>> {
  const asked = await Promise.all(
    [...new Set(registries)].map(async (registry) => ((await registryAnswers(registry)) ? [registry] : [])),
  );
  return new Set(asked.flat());
}

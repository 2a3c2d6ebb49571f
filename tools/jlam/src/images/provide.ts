/** Gets every image that is wanted onto this machine, from a registry or from recipes, and says which stand in. */
import { buildApplication } from "./application.ts";
import { recipeBuilder, type BuildReport, type RecipeBuilder } from "./build.ts";
import { presentImages, pullImage } from "./docker.ts";
import { findFacts, givenImage, type ProvideOptions } from "./facts.ts";
import { readRecipes } from "./recipe.ts";
import { chooseSource, type Source, type SourceFacts } from "./source.ts";
import type { BuiltImage, PublishedImage, WantedImage } from "./wanted.ts";

/** An image as it now is on this machine. */
export interface ProvidedImage {
  readonly name: string;
  readonly variable: string;
  /** The image to run; the official reference where a registry gave it. */
  readonly reference: string;
  readonly source: "given" | "registry" | "recipe" | "built";
  /** True where this call pulled or built it. */
  readonly fetched: boolean;
}

export interface MissingImage {
  readonly name: string;
  readonly variable: string;
  readonly reason: string;
}

export interface Provision {
  readonly images: readonly ProvidedImage[];
  /** Variables to set for Compose. Official images need none: the emitted file names them. */
  readonly env: Readonly<Record<string, string>>;
  readonly missing: readonly MissingImage[];
}

type Outcome = ({ readonly had: true } & ProvidedImage) | ({ readonly had: false } & MissingImage);

/**
 * Provides the images, independent ones at the same time. An image that can't be had is in `missing` with its reason;
 * a recipe or Dockerfile that fails to build throws a PersonError.
 */
export async function provideImages(wanted: readonly WantedImage[], options: ProvideOptions): Promise<Provision> {
  const provide = await imageProvider(wanted, options);
  const outcomes = await Promise.all(distinct(wanted).map(provide));
  const images = outcomes.flatMap((outcome) => {
    if (!outcome.had) return [];
    const { had: _, ...image } = outcome;
    return [image];
  });
  const missing = outcomes.flatMap((outcome) => {
    if (outcome.had) return [];
    const { had: _, ...image } = outcome;
    return [image];
  });
  const standIns = images.filter(({ source }) => source !== "registry");
  return { images, missing, env: Object.fromEntries(standIns.map(({ variable, reference }) => [variable, reference])) };
}

async function imageProvider(
  wanted: readonly WantedImage[],
  options: ProvideOptions,
): Promise<(image: WantedImage) => Promise<Outcome>> {
  const recipes = readRecipes(options.root);
  const factsOf = await findFacts(wanted, recipes, options);
  const build = recipeBuilder(recipes, options.report);
  const started = new Map<string, Promise<Outcome>>();
  const published = (image: PublishedImage) => {
    const outcome = started.get(image.name) ?? providePublished(image, options, factsOf(image), build);
    started.set(image.name, outcome);
    return outcome;
  };
  return (image) => (image.kind === "published" ? published(image) : provideBuilt(image, options, published));
}

async function providePublished(
  wanted: PublishedImage,
  options: ProvideOptions,
  facts: SourceFacts,
  build: RecipeBuilder,
): Promise<Outcome> {
  const source = chooseSource(wanted, options.policy, facts);
  const failure = source.kind === "registry" && facts.officialPresent ? undefined : await pullIfNeeded(source, wanted, options.report);
  if (failure === undefined) return await outcomeOf(source, wanted, build, !facts.officialPresent);
  // A registry may answer and yet refuse (a rate limit, a tag that is gone); a recipe is then as good as without it.
  const instead = chooseSource(wanted, "packages", facts);
  return source.kind === "registry" && options.policy === "auto" && instead.kind === "recipe"
    ? await outcomeOf(instead, wanted, build, true)
    : { had: false, name: wanted.name, variable: wanted.variable, reason: failure };
}

/** Pulls the image if its source is a registry and it isn't here. Returns why that failed, if it did. */
async function pullIfNeeded(source: Source, wanted: PublishedImage, report: BuildReport): Promise<string | undefined> {
  if (source.kind === "none" || source.kind === "recipe") return undefined;
  const reference = source.kind === "given" ? source.reference : wanted.reference;
  if ((await presentImages([reference])).size > 0) return undefined;
  report(wanted.name, `pulling ${reference}`);
  const failure = await pullImage(reference);
  return failure === undefined ? undefined : `${reference} could not be pulled: ${failure}`;
}

async function outcomeOf(source: Source, wanted: PublishedImage, build: RecipeBuilder, pulled: boolean): Promise<Outcome> {
  const { name, variable, reference } = wanted;
  switch (source.kind) {
    case "given":
      return { had: true, name, variable, reference: source.reference, source: "given", fetched: false };
    case "registry":
      return { had: true, name, variable, reference, source: "registry", fetched: pulled };
    case "recipe": {
      const { image, built } = await build(source.recipe);
      return { had: true, name, variable, reference: image, source: "recipe", fetched: built };
    }
    case "none":
      return { had: false, name, variable, reason: source.reason };
  }
}

async function provideBuilt(
  wanted: BuiltImage,
  options: ProvideOptions,
  provideBase: (base: PublishedImage) => Promise<Outcome>,
): Promise<Outcome> {
  const { name, variable, folder } = wanted;
  const given = givenImage(wanted, options);
  if (given !== undefined) return { had: true, name, variable, reference: given, source: "given", fetched: false };
  const base = await provideBase(wanted.base);
  if (!base.had) return { had: false, name, variable, reason: `its base ${wanted.base.name} can't be had: ${base.reason}` };
  const { image, built } = await buildApplication(options.root, { name, folder, base: base.reference }, (line) => {
    options.report(name, line);
  });
  return { had: true, name, variable, reference: image, source: "built", fetched: built };
}

/** One of each name: services share images. */
function distinct(wanted: readonly WantedImage[]): readonly WantedImage[] {
  return [...new Map(wanted.map((image) => [image.name, image])).values()];
}

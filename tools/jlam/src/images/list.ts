/** What `jlam images list` shows: where each image would come from, and whether it is here. Fetches nothing. */
import { applicationTag } from "./application.ts";
import { presentImages } from "./docker.ts";
import { findFacts, givenImage, type ProvideOptions } from "./facts.ts";
import { readRecipes, recipeImage } from "./recipe.ts";
import { chooseSource } from "./source.ts";
import type { PublishedImage, WantedImage } from "./wanted.ts";

export interface ListedImage {
  readonly name: string;
  readonly variable: string;
  /** The image that would run; undefined where it can't be had. */
  readonly reference: string | undefined;
  readonly source: "given" | "registry" | "recipe" | "built" | "none";
  /** Why it can't be had. */
  readonly reason: string | undefined;
  readonly present: boolean;
  /** Bytes, where it is present. */
  readonly size: number | undefined;
}

type Plan = Pick<ListedImage, "reference" | "source" | "reason">;

/** Says for each image where it would come from. The order is that of `wanted`. */
export async function listImages(wanted: readonly WantedImage[], options: ProvideOptions): Promise<readonly ListedImage[]> {
  const recipes = readRecipes(options.root);
  const factsOf = await findFacts(wanted, recipes, options);
  const planPublished = (image: PublishedImage): Plan => {
    const source = chooseSource(image, options.policy, factsOf(image));
    switch (source.kind) {
      case "given":
        return { reference: source.reference, source: "given", reason: undefined };
      case "registry":
        return { reference: image.reference, source: "registry", reason: undefined };
      case "recipe":
        return { reference: recipeImage(recipes, source.recipe), source: "recipe", reason: undefined };
      case "none":
        return { reference: undefined, source: "none", reason: source.reason };
    }
  };
  const plan = (image: WantedImage): Plan => {
    if (image.kind === "published") return planPublished(image);
    const given = givenImage(image, options);
    if (given !== undefined) return { reference: given, source: "given", reason: undefined };
    const base = planPublished(image.base);
    return base.reference === undefined
      ? { reference: undefined, source: "none", reason: `its base ${image.base.name} can't be had: ${base.reason ?? ""}` }
      : {
          reference: applicationTag(options.root, { name: image.name, folder: image.folder, base: base.reference }),
          source: "built",
          reason: undefined,
        };
  };
  const planned = wanted.map((image) => ({ name: image.name, variable: image.variable, ...plan(image) }));
  const sizes = await presentImages(planned.flatMap(({ reference }) => reference ?? []));
  return planned.map((image) => {
    const size = image.reference === undefined ? undefined : sizes.get(image.reference);
    return { ...image, present: size !== undefined, size };
  });
}

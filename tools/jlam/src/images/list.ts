/** What `jlam images list` shows: where each image would come from, and whether it is here. Fetches nothing. */
import { applicationTag } from "./application.ts";
import { imageSize } from "./docker.ts";
import { givenImage, sourceFacts, type ProvideOptions } from "./facts.ts";
import { recipeImage } from "./recipe.ts";
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
  const facts = sourceFacts(options);
  const planPublished = async (image: PublishedImage): Promise<Plan> => {
    const source = chooseSource(image, options.policy, await facts.of(image));
    switch (source.kind) {
      case "given":
        return { reference: source.reference, source: "given", reason: undefined };
      case "registry":
        return { reference: image.reference, source: "registry", reason: undefined };
      case "recipe":
        return { reference: recipeImage(facts.recipes, source.recipe), source: "recipe", reason: undefined };
      case "none":
        return { reference: undefined, source: "none", reason: source.reason };
    }
  };
  const plan = async (image: WantedImage): Promise<Plan> => {
    if (image.kind === "published") return await planPublished(image);
    const given = givenImage(image, options);
    if (given !== undefined) return { reference: given, source: "given", reason: undefined };
    const base = await planPublished(image.base);
    return base.reference === undefined
      ? { reference: undefined, source: "none", reason: `its base ${image.base.name} can't be had: ${base.reason ?? ""}` }
      : {
          reference: applicationTag(options.root, { name: image.name, folder: image.folder, base: base.reference }),
          source: "built",
          reason: undefined,
        };
  };
  return await Promise.all(
    wanted.map(async (image) => {
      const planned = await plan(image);
      const size = planned.reference === undefined ? undefined : await imageSize(planned.reference);
      return { name: image.name, variable: image.variable, ...planned, present: size !== undefined, size };
    }),
  );
}

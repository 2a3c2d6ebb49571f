/** Where a published image comes from on this machine: the rules, apart from finding the facts. */
import { parseReference, standsInFor } from "./reference.ts";
import type { Recipe } from "./recipe.ts";
import { PersonError } from "../terminal/failure.ts";
import type { PublishedImage } from "./wanted.ts";

/** `registry`: official images only. `packages`: recipes only. `auto`: a registry where one answers, else a recipe. */
export type SourcePolicy = "registry" | "packages" | "auto";

export interface SourceFacts {
  /** Value of JLAM_IMAGE_<NAME>, if the person set it. */
  readonly given: string | undefined;
  /** The official image is on this machine already. */
  readonly officialPresent: boolean;
  /** The image of the recipe, as it is now, is on this machine already. */
  readonly recipePresent: boolean;
  readonly registryAnswers: boolean;
  readonly recipe: Recipe | undefined;
}

export type Source =
  | { readonly kind: "given"; readonly reference: string }
  | { readonly kind: "registry" }
  | { readonly kind: "recipe"; readonly recipe: string }
  | { readonly kind: "none"; readonly reason: string };

/**
 * Decides. What the person set wins. With `auto`, what is on the machine comes before what a registry would answer: a
 * second run changes nothing, and asks nobody.
 */
export function chooseSource(wanted: PublishedImage, policy: SourcePolicy, facts: SourceFacts): Source {
  if (facts.given !== undefined) return { kind: "given", reference: facts.given };
  const silent = `${parseReference(wanted.reference).registry} does not answer`;
  const official: Source = { kind: "registry" };
  switch (policy) {
    case "registry":
      return facts.officialPresent || facts.registryAnswers ? official : none(silent);
    case "packages":
      return fromRecipe(wanted, facts, "JLAM_IMAGES=packages");
    case "auto": {
      if (facts.officialPresent) return official;
      const recipe = fromRecipe(wanted, facts, silent);
      if (facts.recipePresent && recipe.kind === "recipe") return recipe;
      return facts.registryAnswers ? official : recipe;
    }
  }
}

/** Reads JLAM_IMAGES. Throws a PersonError for anything but registry, packages and auto; unset is auto. */
export function sourcePolicy(value: string | undefined): SourcePolicy {
  switch (value) {
    case "registry":
    case "packages":
    case "auto":
      return value;
    case undefined:
    case "":
      return "auto";
    default:
      throw new PersonError(`JLAM_IMAGES is "${value}".`, { fix: "Set it to registry, packages or auto, or unset it." });
  }
}

function fromRecipe(wanted: PublishedImage, { recipe, recipePresent }: SourceFacts, because: string): Source {
  if (recipe === undefined) return none(`${because}, and tools/images/ has no recipe for it; ${wanted.variable} can name an image`);
  if (recipe.kind === "dockerfile" && recipe.onRequest && !recipePresent) {
    return none(`${because}, and its recipe takes many minutes: \`jlam images build ${recipe.name}\` builds it once; ${wanted.variable} can name an image`);
  }
  const offered = recipe.kind === "dockerfile" ? recipe.standsInFor : undefined;
  return offered !== undefined && standsInFor(offered, wanted.reference)
    ? { kind: "recipe", recipe: recipe.name }
    : none(`${because}, and the recipe ${recipe.name} stands in for ${offered ?? "no official image"}, not for ${wanted.reference}`);
}

function none(reason: string): Source {
  return { kind: "none", reason };
}

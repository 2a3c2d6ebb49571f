import { describe, expect, test } from "vitest";
import type { Recipe } from "./recipe.ts";
import { chooseSource, sourcePolicy, type SourceFacts } from "./source.ts";
import type { PublishedImage } from "./wanted.ts";

const wanted: PublishedImage = { kind: "published", name: "postgres", variable: "JLAM_IMAGE_POSTGRES", reference: "postgres:17.7" };
const recipe: Recipe = {
  kind: "dockerfile",
  name: "postgres",
  folder: "/recipes/postgres",
  about: "PostgreSQL",
  version: "17",
  standsInFor: "docker.io/library/postgres:17",
  needs: {},
};
const nothing: SourceFacts = {
  given: undefined,
  officialPresent: false,
  recipePresent: false,
  registryAnswers: false,
  recipe: undefined,
};

describe("chooseSource", () => {
  test("takes what the person set before everything else", () => {
    const facts = { ...nothing, given: "mine:1", officialPresent: true, registryAnswers: true, recipe };
    expect(chooseSource(wanted, "registry", facts)).toEqual({ kind: "given", reference: "mine:1" });
  });

  test("takes the registry where one answers and nothing is here yet", () => {
    expect(chooseSource(wanted, "auto", { ...nothing, registryAnswers: true, recipe })).toEqual({ kind: "registry" });
  });

  test("takes the recipe where no registry answers", () => {
    expect(chooseSource(wanted, "auto", { ...nothing, recipe })).toEqual({ kind: "recipe", recipe: "postgres" });
  });

  test("stays with the recipe's image that is here when a registry begins to answer", () => {
    const facts = { ...nothing, recipePresent: true, registryAnswers: true, recipe };
    expect(chooseSource(wanted, "auto", facts)).toEqual({ kind: "recipe", recipe: "postgres" });
  });

  test("needs no registry for an official image that is here", () => {
    expect(chooseSource(wanted, "auto", { ...nothing, officialPresent: true, recipe })).toEqual({ kind: "registry" });
    expect(chooseSource(wanted, "registry", { ...nothing, officialPresent: true })).toEqual({ kind: "registry" });
  });

  test("builds the recipe with JLAM_IMAGES=packages even where a registry answers", () => {
    const facts = { ...nothing, officialPresent: true, registryAnswers: true, recipe };
    expect(chooseSource(wanted, "packages", facts)).toEqual({ kind: "recipe", recipe: "postgres" });
  });

  test("doesn't fall back to a recipe with JLAM_IMAGES=registry", () => {
    expect(chooseSource(wanted, "registry", { ...nothing, recipe })).toEqual({ kind: "none", reason: "docker.io does not answer" });
  });

  test("never begins a build that takes long, whatever the policy, and says how to begin it", () => {
    const facts = { ...nothing, recipe: { ...recipe, onRequest: true } as const };
    for (const policy of ["auto", "packages"] as const) {
      expect(chooseSource(wanted, policy, facts)).toMatchObject({ kind: "none", reason: expect.stringContaining("jlam images build postgres") });
      expect(chooseSource(wanted, policy, { ...facts, recipePresent: true })).toEqual({ kind: "recipe", recipe: "postgres" });
    }
  });

  test("names the variable that helps where there is neither registry nor recipe", () => {
    const source = chooseSource(wanted, "auto", nothing);
    expect(source).toMatchObject({ kind: "none", reason: expect.stringContaining("JLAM_IMAGE_POSTGRES") });
  });

  test("doesn't let a recipe stand in for another version", () => {
    const source = chooseSource({ ...wanted, reference: "postgres:18.1" }, "auto", { ...nothing, recipePresent: true, recipe });
    expect(source).toMatchObject({ kind: "none", reason: expect.stringContaining("not for postgres:18.1") });
  });
});

describe("sourcePolicy", () => {
  test("is auto where nothing is set", () => {
    expect(sourcePolicy(undefined)).toBe("auto");
    expect(sourcePolicy("")).toBe("auto");
  });

  test("refuses a word that it doesn't know", () => {
    expect(() => sourcePolicy("docker")).toThrow('JLAM_IMAGES is "docker"');
  });
});

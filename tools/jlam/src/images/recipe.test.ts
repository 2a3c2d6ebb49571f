import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { repositoryRoot } from "../synth/platform.ts";
import { readRecipes, recipeImage } from "./recipe.ts";

/** A repository with recipes alone: base, and postgres which needs it. */
function repository(): string {
  const root = mkdtempSync(join(tmpdir(), "jlam-recipes-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  write(root, "base", "recipe.json", { kind: "bootstrap", about: "Debian.", version: "trixie", suite: "trixie", include: ["ca-certificates"] });
  write(root, "postgres", "recipe.json", { kind: "dockerfile", about: "PostgreSQL.", version: "17", standsInFor: "postgres:17", needs: { BASE: "base" } });
  write(root, "postgres", "Dockerfile", "FROM scratch\n");
  write(root, "redis", "recipe.json", { kind: "dockerfile", about: "Redis.", version: "8.0", needs: { BASE: "base" } });
  return root;
}

function write(root: string, recipe: string, file: string, content: unknown): void {
  mkdirSync(join(root, "tools/images", recipe), { recursive: true });
  writeFileSync(join(root, "tools/images", recipe, file), typeof content === "string" ? content : JSON.stringify(content));
}

const postgresOf = (root: string) => recipeImage(readRecipes(root), "postgres");

describe("recipeImage", () => {
  test("is the recipe's own honest name with its version and hash", () => {
    expect(postgresOf(repository())).toMatch(/^jlam-packages\/postgres:17-[0-9a-f]{12}$/);
  });

  test("is the same for the same files in another place", () => {
    const first = repository();
    const second = mkdtempSync(join(tmpdir(), "jlam-recipes-copy-"));
    onTestFinished(() => rmSync(second, { recursive: true }));
    cpSync(first, second, { recursive: true });
    expect(postgresOf(second)).toBe(postgresOf(first));
  });

  test("changes when a file of the recipe changes", () => {
    const root = repository();
    const before = postgresOf(root);
    write(root, "postgres", "Dockerfile", "FROM scratch\nUSER 999\n");
    expect(postgresOf(root)).not.toBe(before);
  });

  test("changes when a file is added", () => {
    const root = repository();
    const before = postgresOf(root);
    write(root, "postgres", "entrypoint.sh", "");
    expect(postgresOf(root)).not.toBe(before);
  });

  test("changes when a file becomes executable", () => {
    const root = repository();
    const before = postgresOf(root);
    chmodSync(join(root, "tools/images/postgres/Dockerfile"), 0o755);
    expect(postgresOf(root)).not.toBe(before);
  });

  test("changes when a recipe that it needs changes", () => {
    const root = repository();
    const before = postgresOf(root);
    write(root, "base", "recipe.json", { kind: "bootstrap", about: "Debian.", version: "trixie", suite: "trixie", include: [] });
    expect(postgresOf(root)).not.toBe(before);
  });

  test("stays when a recipe that it doesn't need changes", () => {
    const root = repository();
    const before = postgresOf(root);
    write(root, "redis", "Dockerfile", "FROM scratch\n");
    expect(postgresOf(root)).toBe(before);
  });

  test("refuses recipes that need each other in a circle", () => {
    const root = repository();
    write(root, "redis", "recipe.json", { kind: "dockerfile", about: "Redis.", version: "8.0", needs: { BASE: "postgres" } });
    write(root, "postgres", "recipe.json", { kind: "dockerfile", about: "PostgreSQL.", version: "17", needs: { BASE: "redis" } });
    expect(() => postgresOf(root)).toThrow("in a circle");
  });
});

describe("readRecipes", () => {
  test("says which file and key can't be understood", () => {
    const root = repository();
    write(root, "redis", "recipe.json", { kind: "dockerfile", about: "Redis.", version: "8.0", need: {} });
    expect(() => readRecipes(root)).toThrow(
      expect.objectContaining({
        where: join(root, "tools/images/redis/recipe.json"),
        why: expect.stringContaining("need"),
      }),
    );
  });

  test("reads every recipe of this repository", () => {
    const recipes = readRecipes(repositoryRoot);
    expect([...recipes.keys()]).toContain("postgres");
    for (const name of recipes.keys()) expect(recipeImage(recipes, name)).toContain(`jlam-packages/${name}:`);
  });
});

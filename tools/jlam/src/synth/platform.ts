/** The platform's folders, and its environments as the resolver sees them. */
import { readdirSync, existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { PersonError } from "../terminal/failure.ts";
import { resolveEnvironment, type EnvironmentNode, type ResolvedEnvironment } from "@jlam/compose-dsl";

/** The repository's root folder. */
export const repositoryRoot = resolve(dirname(fileURLToPath(import.meta.url)), "../../../..");

const environmentsFolder = (root: string): string => join(root, "environments");

/** Names of the environments: the folders below environments/ that have an environment.ts. Sorted. */
export function environmentNames(root: string = repositoryRoot): readonly string[] {
  return readdirSync(environmentsFolder(root))
    .filter((name) => existsSync(environmentFile(name, root)))
    .sort();
}

/** The written declaration of an environment. */
export const environmentFile = (name: string, root: string = repositoryRoot): string => join(environmentsFolder(root), name, "environment.ts");

/** Where an environment's files are emitted. */
export const generatedDirectory = (name: string, root: string = repositoryRoot): string => join(environmentsFolder(root), name, "generated");

/** Where its files are emitted for other versions of images than the declared ones: of this machine only, in no git. */
export const versionedDirectory = (name: string, root: string = repositoryRoot): string => join(root, ".jlam", "synthesised", name);

/**
 * Imports an environment's declaration and resolves it.
 * @throws PersonError where the file exports none, and what the declaration itself throws, such as RangeError
 */
export async function loadEnvironment(name: string, root: string = repositoryRoot): Promise<ResolvedEnvironment> {
  const module: unknown = await import(pathToFileURL(environmentFile(name, root)).href);
  if (!declaresEnvironment(module)) {
    throw new PersonError(`environments/${name}/environment.ts does not export an environment.`, { where: environmentFile(name, root), fix: `Write \`export default environment("${name}", { … })\`.` });
  }
  return resolveEnvironment(module.default);
}

function declaresEnvironment(module: unknown): module is { readonly default: EnvironmentNode } {
  if (typeof module !== "object" || module === null || !("default" in module)) return false;
  const { default: declared } = module;
  return typeof declared === "object" && declared !== null && "kind" in declared && declared.kind === "environment";
}

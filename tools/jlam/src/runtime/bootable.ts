/** An environment as this machine boots it: as it is declared, or made for the versions of the images that a person gave. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { atVersions, resolveEnvironment, type ResolvedEnvironment } from "@jlam/compose-dsl";
import { z } from "zod";
import { givenVersions, type GivenVersion } from "../images/given-version.ts";
import { readIfThere, writePrivately } from "../secrets/private-file.ts";
import { secretPaths } from "../secrets/provide.ts";
import { knownEnvironments } from "../synth/names.ts";
import { environmentNames, generatedDirectory, loadEnvironment, versionedDirectory } from "../synth/platform.ts";
import { PersonError } from "../terminal/failure.ts";

export interface Bootable {
  readonly environment: ResolvedEnvironment;
  /** Folder of its files: the committed ones, or one that only this machine has. */
  readonly directory: string;
  /** Given images of other versions than the declared ones. */
  readonly versions: readonly GivenVersion[];
}

/** Loads an environment that is booted by hand. Throws a PersonError for an unknown one, or one that is released. */
export async function loadBootable(name: string, root: string): Promise<ResolvedEnvironment> {
  knownEnvironments([name], environmentNames(root));
  const environment = await loadEnvironment(name, root);
  if (environment.node.images.kind === "replaceable") return environment;
  throw new PersonError(`${name} is not booted by hand.`, {
    where: `environments/${name}/environment.ts`,
    why: "Its images are locked to digests, and it runs on a host of its own.",
    fix: "`jlam up local` runs the same services here; docs/first-day.md tells how the others are brought up.",
  });
}

/**
 * Loads an environment as it is booted now, with the images that JLAM_IMAGE_<NAME> gives.
 * @throws PersonError as {@link loadBootable} does, and for an image of a version that nothing can be made for
 */
export async function loadWithGiven(name: string, root: string): Promise<Bootable> {
  const environment = await loadBootable(name, root);
  const versions = await givenVersions(environment);
  return versions.length === 0
    ? { environment, directory: generatedDirectory(name, root), versions }
    : { environment: madeFor(environment, versions), directory: versionedDirectory(name, root), versions };
}

/**
 * Loads an environment as it was booted last, whatever is given now.
 * @throws PersonError for an unknown one
 */
export async function loadRunning(name: string, root: string): Promise<ResolvedEnvironment> {
  knownEnvironments([name], environmentNames(root));
  const environment = await loadEnvironment(name, root);
  const text = readIfThere(recordPath(name, root));
  return text === undefined ? environment : madeFor(environment, record.parse(JSON.parse(text)));
}

/** Notes which versions an environment runs, for {@link loadRunning}. */
export function recordVersions(name: string, root: string, versions: readonly GivenVersion[]): void {
  const path = recordPath(name, root);
  if (versions.length === 0) rmSync(path, { force: true });
  else writePrivately(path, `${JSON.stringify(versions.map(({ image, version }) => ({ image, version })), undefined, 2)}\n`);
}

const record = z.array(z.object({ image: z.string(), version: z.string() }));

const recordPath = (name: string, root: string): string => join(secretPaths(root, name).state, "versions.json");

const madeFor = ({ node }: ResolvedEnvironment, versions: readonly { readonly image: string; readonly version: string }[]): ResolvedEnvironment =>
  resolveEnvironment(atVersions(node, new Map(versions.map(({ image, version }) => [image, version]))));

/** One line for each version that isn't the declared one. */
export const describeVersions = (versions: readonly GivenVersion[], directory: string): readonly string[] =>
  versions.map(({ image, version, variable, declared }) => `${image}: ${version} of ${variable} instead of ${declared}, files synthesised for it in ${directory}`);

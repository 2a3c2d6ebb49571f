/** Images of our own programs: built from a Dockerfile of the repository, tagged with a hash of what goes in. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import dockerIgnore from "@balena/dockerignore";
import { hashFiles, listFiles } from "./content-hash.ts";
import { dockerBuild, presentImages } from "./docker.ts";

export interface ApplicationImage {
  readonly name: string;
  /** Folder of the Dockerfile, from the repository's root. */
  readonly folder: string;
  /** Image that the Dockerfile's argument NODE_IMAGE names. */
  readonly base: string;
}

/**
 * The files that a build of `<folder>/Dockerfile` can see: those of the repository that `<folder>/Dockerfile.dockerignore`
 * leaves in, or where there is none, those that the root's .dockerignore leaves in. The order is stable.
 */
export function buildInputs(root: string, folder: string): readonly string[] {
  const dockerfile = `${folder}/Dockerfile`;
  const file = [`${dockerfile}.dockerignore`, ".dockerignore"].find((path) => existsSync(join(root, path)));
  const rules = file === undefined ? "" : readFileSync(join(root, file), "utf8");
  const ignore = dockerIgnore.default().add(rules);
  // A refused folder may hold files that a later `!` lets in, so only these are certainly without any.
  const never = new Set([".git", "node_modules"]);
  const lets = rules.split("\n").filter((line) => line.startsWith("!")).map((line) => line.slice(1).trim());
  const mayHold = (path: string) =>
    !ignore.ignores(path) || lets.some((pattern) => sharesStart(pattern.split("/"), path.split("/")));
  const inputs = listFiles(
    root,
    (path) => !ignore.ignores(path),
    (path) => !never.has(path.slice(path.lastIndexOf("/") + 1)) && mayHold(path),
  );
  return [...new Set([...inputs, dockerfile])].sort();
}

/** The tag of an application's image: `jlam/<name>:<hash of its files and its base>`. */
export function applicationTag(root: string, application: ApplicationImage): string {
  const inputs = buildInputs(root, application.folder);
  const hash = hashFiles(root, inputs, [process.arch, application.base]);
  return `jlam/${application.name}:${hash.slice(0, 12)}`;
}

/** Builds an application's image unless it is there, and returns its tag and whether it was built. */
export async function buildApplication(
  root: string,
  application: ApplicationImage,
  report: (line: string) => void,
): Promise<{ readonly image: string; readonly built: boolean }> {
  const image = applicationTag(root, application);
  if ((await presentImages([image])).size > 0) return { image, built: false };
  await dockerBuild({
    name: application.name,
    tag: image,
    context: root,
    dockerfile: join(root, application.folder, "Dockerfile"),
    args: { NODE_IMAGE: application.base },
    labels: { "nl.jlam.application": application.name },
    report,
  });
  return { image, built: true };
}

/** Whether one of two paths leads to the other, as far as plain words go; a wildcard may lead anywhere. */
function sharesStart(pattern: readonly string[], path: readonly string[]): boolean {
  return path.every((part, index) => {
    const expected = pattern[index];
    return expected === undefined || /[*?[]/.test(expected) || expected === part;
  });
}

/** Builds the release of what is checked out, and refuses what could not be built again or did not pass its checks. */
import { join } from "node:path";
import { checkEnvironment, checkPlatform, isReleased, type Diagnostic, type ResolvedEnvironment } from "@jlam/compose-dsl";
import { readLock } from "../../images/lock.ts";
import { ensureTypes } from "../../runtime/type-check.ts";
import { secretFindings } from "../../secrets/findings.ts";
import { environmentNames, loadEnvironment } from "../../synth/platform.ts";
import { synthesise } from "../../synth/synthesise.ts";
import { PersonError } from "../../terminal/failure.ts";
import { keepRelease, type GeneratedFiles } from "./archive.ts";
import { buildRelease } from "./build.ts";
import type { Hash } from "./canonical.ts";
import { hashSchema } from "./canonical.ts";
import type { Release } from "./release.ts";
import type { ReleaseRepository } from "./repository.ts";
import { schemasOf } from "./schemas.ts";
import { cleanRevision } from "./source.ts";

/** Most findings that are told; more follow from them or are alike. */
const mostShown = 10;

/**
 * The release of the checked-out revision, with its files. `digests` is a file as images.lock.json, of the images that
 * were built from this revision.
 * @throws PersonError for a dirty tree, type errors, rules that don't hold, generated files that differ, and images
 * without a digest
 */
async function releaseHere(root: string, digests: string | undefined): Promise<{ readonly release: Release; readonly files: ReadonlyMap<string, GeneratedFiles> }> {
  const source = await cleanRevision(root);
  await ensureTypes(root);
  const all = await Promise.all(environmentNames(root).map((name) => loadEnvironment(name, root)));
  const environments = all.filter(({ node }) => isReleased(node));
  const [first] = environments;
  if (!first) throw new PersonError("No environment takes releases.", { where: join(root, "environments"), fix: "Give one `images: lockedImages({ … })`." });
  refuseFindings(environments, all, root);
  refuseDrift(environments, root);
  const built = buildRelease({ ...source, environments, built: digests === undefined ? {} : await readDigests(digests), schemas: await schemasOf(root, first) });
  if (built.kind === "release") return built;
  throw new PersonError("Not every image of the release is locked to one digest.", {
    why: built.problems.map(({ environment, image, message }) => `${image} in ${environment}: ${message}`).join("\n"),
    fix: `Run \`jlam images lock\` for ${environments.map(({ name }) => name).join(" and ")} where a registry answers, and give the digests of our own images with --digests FILE.`,
  });
}

/** Builds it and keeps it; the same revision with the same images is the same release, kept once. */
export async function buildHere(root: string, repository: ReleaseRepository, digests: string | undefined): Promise<{ readonly release: Release; readonly isNew: boolean }> {
  const { release, files } = await releaseHere(root, digests);
  return { release, isNew: await keepRelease(repository, release, files) };
}

async function readDigests(path: string): Promise<Readonly<Record<string, Hash>>> {
  const lock = await readLock(path);
  if (Object.keys(lock).length === 0) throw new PersonError("The file of digests names no image.", { where: path, fix: "It is written as images.lock.json: \"registry/name:tag\": \"sha256:…\"." });
  return Object.fromEntries(Object.entries(lock).map(([reference, digest]) => [reference, hashSchema.parse(digest)]));
}

function refuseFindings(environments: readonly ResolvedEnvironment[], all: readonly ResolvedEnvironment[], root: string): void {
  const now = new Date();
  const found: readonly Diagnostic[] = [...environments.flatMap(checkEnvironment), ...environments.flatMap((environment) => secretFindings(environment, root, now)), ...checkPlatform(all)];
  const errors = found.filter(({ severity }) => severity === "error");
  if (errors.length === 0) return;
  throw new PersonError("Rules of the model don't hold, so there is no release.", {
    why: [...errors.slice(0, mostShown).map(({ subject, message }) => `${subject}: ${message}`), ...(errors.length > mostShown ? [`… and ${errors.length - mostShown} more`] : [])].join("\n"),
    fix: "`jlam check` says where each was declared and how to mend it.",
  });
}

function refuseDrift(environments: readonly ResolvedEnvironment[], root: string): void {
  const stale = environments.filter((environment) => !synthesise(environment, { root, check: true, overwrite: false }).upToDate).map(({ name }) => name);
  if (stale.length > 0) {
    throw new PersonError(`The generated files of ${stale.join(" and ")} aren't what the declarations say.`, { fix: "Run `jlam synth` and commit what it writes: a review must have seen what goes live." });
  }
}

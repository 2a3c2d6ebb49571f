/** How releases and what belongs to them lie in the release repository, and how they are read from it. */
import { PersonError } from "../../terminal/failure.ts";
import { canonicalFile } from "./canonical.ts";
import { evidenceFile, evidenceName, evidenceSchema, type Evidence } from "./evidence.ts";
import { configurationOf, NotThatRelease, readRelease, releaseFile, releaseIdSchema, shortId, type Release, type ReleaseId } from "./release.ts";
import { addFiles, fileAt, filesBelow, namesBelow, type NewFile, type ReleaseRepository, type Snapshot } from "./repository.ts";

/** Generated files of an environment by their path below `generated/`. */
export type GeneratedFiles = ReadonlyMap<string, string>;

const folderOf = (id: ReleaseId): string => `releases/${id}`;
const filesFolder = (id: ReleaseId, environment: string): string => `${folderOf(id)}/files/${environment}`;

/**
 * Keeps a release with the files of its environments. Keeping the same one again changes nothing.
 * @returns whether it is new
 * @throws RangeError where the files aren't those that the release names
 */
export async function keepRelease(repository: ReleaseRepository, release: Release, files: ReadonlyMap<string, GeneratedFiles>): Promise<boolean> {
  for (const [environment, { configuration }] of Object.entries(release.environments)) {
    if (configurationOf(files.get(environment) ?? new Map()) !== configuration) throw new RangeError(`the files of ${environment} aren't those of release ${shortId(release.id)}`);
  }
  const all: NewFile[] = [{ path: `${folderOf(release.id)}/release.json`, text: releaseFile(release) }];
  for (const [environment, generated] of files) {
    for (const [path, text] of generated) all.push({ path: `${filesFolder(release.id, environment)}/${path}`, text });
  }
  return await addFiles(repository, `Release ${shortId(release.id)} of ${release.revision.slice(0, 12)}`, async () => all);
}

/**
 * The one release whose id begins with `asked`.
 * @throws PersonError where there is none or more than one, and where somebody changed it
 */
export async function findRelease(from: Snapshot, asked: string): Promise<Release> {
  const known = await namesBelow(from, "releases");
  const found = known.filter((id) => asked !== "" && id.startsWith(asked.toLowerCase()));
  const [id] = found;
  if (id === undefined || found.length > 1) {
    throw new PersonError(found.length > 1 ? `"${asked}" begins the ids of ${found.length} releases.` : `There is no release "${asked}".`, {
      where: from.repository.remote ?? from.repository.clone,
      fix: found.length > 1 ? "Write more of its id." : "`jlam release list` lists them; `jlam release build` makes one.",
    });
  }
  return await releaseNamed(from, id);
}

async function releaseNamed(from: Snapshot, id: ReleaseId): Promise<Release> {
  const text = await fileAt(from, `${folderOf(id)}/release.json`);
  try {
    return readRelease(text ?? "", id);
  } catch (error) {
    if (!(error instanceof NotThatRelease)) throw error;
    throw new PersonError(error.message, {
      where: `${folderOf(id)}/release.json`,
      why: "a release is what was tested; its id is the hash of its content",
      fix: "Nothing of it is deployed. See who changed it with `git log -p refs/jlam/releases`, and build the release again.",
      cause: error,
    });
  }
}

/** The releases of these ids that are kept, by id. @throws PersonError where somebody changed one */
export async function releasesNamed(from: Snapshot, ids: Iterable<ReleaseId>): Promise<ReadonlyMap<ReleaseId, Release>> {
  const known = new Set(await namesBelow(from, "releases"));
  const found = await Promise.all([...new Set(ids)].filter((id) => known.has(id)).map((id) => releaseNamed(from, id)));
  return new Map(found.map((release) => [release.id, release]));
}

/** Every release, the newest revision first. @throws PersonError where somebody changed one */
export async function allReleases(from: Snapshot): Promise<readonly Release[]> {
  const ids = (await namesBelow(from, "releases")).filter((name) => releaseIdSchema.safeParse(name).success);
  const releases = await Promise.all(ids.map((id) => releaseNamed(from, id)));
  return releases.toSorted((a, b) => (a.committedAt < b.committedAt ? 1 : a.committedAt > b.committedAt ? -1 : a.id < b.id ? -1 : 1));
}

/**
 * The generated files that a release brings to an environment.
 * @throws PersonError where it has none for it, and where they aren't those that the release names
 */
export async function releasedFiles(from: Snapshot, release: Release, environment: string): Promise<GeneratedFiles> {
  const expected = release.environments[environment]?.configuration;
  if (expected === undefined) {
    throw new PersonError(`Release ${shortId(release.id)} has nothing for the environment ${environment}.`, { fix: `It was built for ${Object.keys(release.environments).join(", ")}.` });
  }
  const folder = filesFolder(release.id, environment);
  const files = new Map([...(await filesBelow(from, folder))].map(([path, text]) => [path.slice(folder.length + 1), text]));
  if (configurationOf(files) !== expected) {
    throw new PersonError(`The files of release ${shortId(release.id)} for ${environment} aren't those that it was built with.`, {
      where: folder,
      why: "somebody changed, added or removed one after staging saw them",
      fix: "Nothing of it is deployed. See `git log -p refs/jlam/releases`, and build the release again.",
    });
  }
  return files;
}

/** Evidence with its signature, as it lies there; nobody has checked the signature yet. */
export interface KeptEvidence {
  readonly evidence: Evidence;
  /** The text that the signature is over. */
  readonly text: string;
  readonly signature: string;
}

/** Keeps evidence with its signature. */
export async function keepEvidence(repository: ReleaseRepository, evidence: Evidence, signature: string): Promise<void> {
  const path = `evidence/${evidence.kind}/${evidenceName(evidence)}`;
  await addFiles(repository, `Evidence: ${evidence.kind} ${evidence.outcome}`, async () => [
    { path: `${path}.json`, text: evidenceFile(evidence) },
    { path: `${path}.json.sig`, text: signature, replaces: true },
  ]);
}

/** All evidence that can be understood. */
export async function allEvidence(from: Snapshot): Promise<readonly KeptEvidence[]> {
  const files = await filesBelow(from, "evidence");
  return [...files].flatMap(([path, text]) => {
    if (!path.endsWith(".json")) return [];
    const parsed = evidenceSchema.safeParse(parseJson(text));
    return parsed.success ? [{ evidence: parsed.data, text, signature: files.get(`${path}.sig`) ?? "" }] : [];
  });
}

/** Which release an environment is to have next, and who said so. */
export interface Promotion {
  readonly environment: string;
  readonly release: ReleaseId;
  /** Environment that proved it. */
  readonly from: string;
  readonly by: string;
  /** UTC. */
  readonly at: string;
}

/** Makes a release the one that `jlam deploy` brings to the environment. */
export async function keepPromotion(repository: ReleaseRepository, promotion: Promotion): Promise<void> {
  await addFiles(repository, `Promote ${shortId(promotion.release)} from ${promotion.from} to ${promotion.environment}`, async () => [{ path: promotionPath(promotion.environment), text: canonicalFile(promotion), replaces: true }]);
}

/** The release that was promoted to an environment last; undefined where none was. */
export async function promotedTo(from: Snapshot, environment: string): Promise<Release | undefined> {
  const text = await fileAt(from, promotionPath(environment));
  const parsed: unknown = text === undefined ? undefined : parseJson(text);
  const id = typeof parsed === "object" && parsed !== null && "release" in parsed ? releaseIdSchema.safeParse(parsed.release) : undefined;
  return id?.success === true ? await releaseNamed(from, id.data) : undefined;
}

const promotionPath = (environment: string): string => `promotions/${environment}.json`;

/** The value of a JSON text; undefined for a text that is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

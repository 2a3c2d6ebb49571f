/**
 * Secret files of an environment as containers mount them, in versions: `<into>/<number>/<service>/<FILE>`, and the link
 * `<into>/current` to the version in use. The one before is kept, so that a rollback has the secrets of its release.
 */
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { ResolvedEnvironment } from "@jlam/compose-dsl";
import { PersonError } from "../terminal/failure.ts";
import { writeSecretFiles, type SecretFiles } from "./files.ts";
import { privateFolder } from "./private-file.ts";
import { filesOf } from "./provide.ts";
import { valuesOf, type ValueAccess } from "./values.ts";

export interface MaterialisedSecrets {
  /** Link that always leads to the version in use: what JLAM_SECRETS says. */
  readonly current: string;
  /** Folder of this version alone: what JLAM_RELEASE_SECRETS says, so that a release keeps its own. */
  readonly folder: string;
  /** Number of the version in use. */
  readonly version: number;
  /** The one before; undefined for the first. */
  readonly previous: number | undefined;
  /** Services whose files are others than in the version before, and which therefore have to be started anew. */
  readonly changed: readonly string[];
}

/** The files of every consumer, in memory. @throws PersonError as {@link valuesOf} */
export const secretFilesOf = async (environment: ResolvedEnvironment, access: ValueAccess): Promise<SecretFiles> => filesOf(environment, await valuesOf(environment, access));

/**
 * Opens the environment's secrets and writes them below `into`, a folder of mode 0700. Nobody sees a half-written version:
 * it gets its number, and then the link, by a rename each. The same values make no new version.
 *
 * @throws PersonError as {@link valuesOf}
 */
export async function materialise(environment: ResolvedEnvironment, access: ValueAccess, into: string): Promise<MaterialisedSecrets> {
  return placeVersion(await secretFilesOf(environment, access), into);
}

/** As {@link materialise}, with files that are there already. */
export function placeVersion(files: SecretFiles, into: string): MaterialisedSecrets {
  privateFolder(into);
  removeUnfinished(into);
  const used = versionInUse(into);
  const changed = changedServices(files, used === undefined ? undefined : join(into, String(used)));
  if (used !== undefined && changed.length === 0) return described(into, used, changed);
  const version = Math.max(0, ...versions(into)) + 1;
  const making = mkdtempSync(join(into, unfinished));
  writeSecretFiles(making, files);
  renameSync(making, join(into, String(version)));
  pointTo(into, version);
  for (const old of versions(into)) if (old !== version && old !== used) rmSync(join(into, String(old)), { recursive: true });
  return described(into, version, changed);
}

/**
 * Goes back to the version before, by one rename. The version that was in use stays, to be looked at.
 * @throws PersonError where there is none
 */
export function rollBackSecrets(into: string): MaterialisedSecrets {
  const used = versionInUse(into);
  const previous = used === undefined ? undefined : previousOf(into, used);
  if (used === undefined || previous === undefined) throw new PersonError("There are no earlier secrets to go back to.", { where: into });
  pointTo(into, previous);
  return described(into, previous, changedServices(readFiles(join(into, String(used))), join(into, String(previous))));
}

const described = (into: string, version: number, changed: readonly string[]): MaterialisedSecrets => ({
  current: join(into, link),
  folder: join(into, String(version)),
  version,
  previous: previousOf(into, version),
  changed,
});

const link = "current";
const unfinished = ".unfinished-";

/** Number of the version that `current` leads to. */
function versionInUse(into: string): number | undefined {
  const path = join(into, link);
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true ? Number(readlinkSync(path)) : undefined;
}

const versions = (into: string): readonly number[] => readdirSync(into).filter((name) => /^[1-9][0-9]*$/.test(name)).map(Number);

const previousOf = (into: string, version: number): number | undefined => versions(into).filter((known) => known < version).sort((a, b) => b - a)[0];

function pointTo(into: string, version: number): void {
  const next = mkdtempSync(join(into, unfinished));
  symlinkSync(String(version), join(next, link));
  renameSync(join(next, link), join(into, link));
  rmSync(next, { recursive: true });
}

/** What a run that was killed left: values that nothing points to. */
function removeUnfinished(into: string): void {
  for (const name of readdirSync(into)) if (name.startsWith(unfinished)) rmSync(join(into, name), { recursive: true });
}

function changedServices(files: SecretFiles, folder: string | undefined): readonly string[] {
  const known = folder === undefined ? new Map<string, ReadonlyMap<string, string>>() : readFiles(folder);
  const same = (service: string): boolean => {
    const [a, b] = [files.get(service) ?? new Map<string, string>(), known.get(service) ?? new Map<string, string>()];
    return a.size === b.size && [...a].every(([file, value]) => b.get(file) === value);
  };
  return [...new Set([...files.keys(), ...known.keys()])].filter((service) => !same(service)).sort();
}

function readFiles(folder: string): SecretFiles {
  if (!existsSync(folder)) return new Map();
  return new Map(readdirSync(folder).map((service) => [service, new Map(readdirSync(join(folder, service)).map((file) => [file, readFileSync(join(folder, service, file), "utf8")]))]));
}

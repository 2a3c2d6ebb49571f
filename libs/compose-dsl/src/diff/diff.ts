import { compareFacts, compareItems, literally, type Change, type Readings, type SectionDiff } from "./compare.ts";
import { sections, type Facts, type SectionName } from "./picture.ts";
import { readFiles, type Files, type FilesPicture } from "./read-files.ts";
import { lostProtection, orphanedData, type Loss } from "./weaknesses.ts";

/** A service that `docker compose up` would make anew. */
export interface Recreated {
  readonly service: string;
  /** `old-compose`: only because Compose 2.26 counts start order and profiles as well; newer versions leave it running. */
  readonly by: "every-compose" | "old-compose";
}

/**
 * A network whose definition changed. Compose 2.26 leaves it as it is until the project is taken down; newer ones (5.6
 * was tried) make it anew and restart its members.
 */
export interface ChangedNetwork {
  readonly network: string;
  readonly members: readonly string[];
}

/** How two environments, or two states of one, differ: plain data for `diffInWords` and `--json`. */
export interface EnvironmentDiff {
  readonly before: string;
  readonly after: string;
  /** What must differ between two environments: domain, addresses. Empty for two states of one environment. */
  readonly expected: readonly Change[];
  /** The environment itself: host, certificates, publishing, image policy, and who provides each resource. */
  readonly environment: readonly Change[];
  readonly sections: Readonly<Record<SectionName, SectionDiff>>;
  /** Empty between two environments, which are never one Compose project. */
  readonly recreated: readonly Recreated[];
  /** Empty between two environments. */
  readonly changedNetworks: readonly ChangedNetwork[];
  readonly losses: readonly Loss[];
}

/**
 * Compares two states of one environment by its emitted files, as Compose and Traefik would read them: those of a
 * committed revision and those of now, for instance. Throws YAMLException where a file is no YAML.
 */
export function diffFiles(before: { readonly title: string; readonly files: Files }, after: { readonly title: string; readonly files: Files }): EnvironmentDiff {
  const [old, current] = [readFiles(before.files), readFiles(after.files)];
  return {
    before: before.title,
    after: after.title,
    expected: [],
    environment: [],
    sections: compareSections(old, current, literally),
    recreated: recreatedServices(old, current),
    changedNetworks: changedNetworks(old, current),
    losses: [...orphanedData(old.picture, current.picture, current.project), ...lostProtection(old.picture, current.picture)],
  };
}

export function compareSections(before: FilesPicture, after: FilesPicture, readings: Readings): EnvironmentDiff["sections"] {
  const compared = (section: SectionName): SectionDiff => compareItems(before.picture[section], after.picture[section], readings);
  return {
    services: compared("services"),
    routes: compared("routes"),
    middlewares: compared("middlewares"),
    networks: compared("networks"),
    volumes: compared("volumes"),
    images: compared("images"),
    secrets: compared("secrets"),
  };
}

/** Whether there is a difference beside those that must be there. */
export const differs = (diff: EnvironmentDiff): boolean =>
  diff.environment.length > 0 || sections.some((section) => !isSame(diff.sections[section])) || diff.recreated.length > 0 || diff.changedNetworks.length > 0;

export const isSame = ({ added, removed, changed }: SectionDiff): boolean => added.length + removed.length + changed.length === 0;

/** Facts without a facet of their own, by name. */
export const compareNamed = (before: Facts, after: Facts, readings: Readings): readonly Change[] => compareFacts("", before, after, readings);

function recreatedServices(before: FilesPicture, after: FilesPicture): readonly Recreated[] {
  const recreated: Recreated[] = [];
  for (const [service, now] of Object.entries(after.definitions)) {
    const was = before.definitions[service];
    if (!was) continue;
    if (was.always !== now.always) recreated.push({ service, by: "every-compose" });
    else if (was.oldest !== now.oldest) recreated.push({ service, by: "old-compose" });
  }
  return recreated;
}

function changedNetworks(before: FilesPicture, after: FilesPicture): readonly ChangedNetwork[] {
  return Object.entries(after.networkDefinitions).flatMap(([network, definition]) => {
    const was = before.networkDefinitions[network];
    return was === undefined || was === definition ? [] : [{ network, members: after.members.get(network) ?? [] }];
  });
}

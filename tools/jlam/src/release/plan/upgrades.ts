/** What a deploy that changes a program's version does to its data, and what keeps from it. Pure. */
import { versionInTag } from "@jlam/compose-dsl";
import type { ReleasedEnvironment, ReleasedService, ReleasedUpgrade } from "../record/release.ts";
import type { Blocker } from "./plan.ts";

/** A program in a service that would get another version. */
export interface VersionChange {
  readonly service: string;
  readonly program: string;
  readonly from: string;
  readonly to: string;
  readonly path: ReleasedUpgrade["path"];
  /** Volumes that both versions would have. */
  readonly volumes: readonly string[];
}

/** Version that a program's data has been brought to in an environment, by service: it may be ahead of what serves. */
export type Reached = Readonly<Record<string, string>>;

/** The version of a service's program. Releases from before upgrades were judged say it in their image's tag alone. */
export const versionIn = ({ upgrade, image }: ReleasedService): string | undefined => upgrade?.version ?? versionInTag(/:([^:/@]+)(?:@|$)/.exec(image)?.[1] ?? "");

/** The programs that would get another version than the one that their data is at. */
export function versionChanges(before: ReleasedEnvironment | undefined, after: ReleasedEnvironment, reached: Reached): readonly VersionChange[] {
  return Object.entries(after.services).flatMap(([service, { upgrade, volumes }]): readonly VersionChange[] => {
    const was = before?.services[service];
    const [serves, ahead] = [was && versionIn(was), reached[service]];
    const from = ahead !== undefined && (serves === undefined || isForward(serves, ahead)) ? ahead : serves;
    if (upgrade === undefined || from === undefined || from === upgrade.version) return [];
    return [{ service, program: upgrade.program, from, to: upgrade.version, path: upgrade.path, volumes: volumes.filter((volume) => was?.volumes.includes(volume)) }];
  });
}

/** Whether it changes the version of a program that keeps data. */
export const touchesData = ({ path, volumes }: VersionChange): boolean => path.kind === "one-by-one" || (path.kind === "within-major" && volumes.length > 0);

/** What it is to its data, for people. */
export function changeInWords(change: VersionChange): string {
  const { program, from, to, path, volumes } = change;
  const versions = `${program} ${from} → ${to}`;
  switch (path.kind) {
    case "within-major":
      if (!isAnotherMajor(change)) return `${versions}, in place`;
      return volumes.length > 0 ? `${versions}, which can't read what is in ${volumes.join(", ")}` : `${versions}, on a new volume: empty until its data is restored from a set`;
    case "one-by-one":
      return isSameRelease(from, to) ? `${versions}, in place` : `${versions}, ${isForward(from, to) ? "forward only: it changes its data for good" : "back, to what can't read its data any more"}`;
    case "alone":
      return `${versions}: every address waits while it is replaced`;
  }
}

/**
 * What keeps from these changes; `applications` are the services that people visit and that change too. A program that
 * runs in several services at one version is told once.
 */
export function upgradeBlockers(changes: readonly VersionChange[], { services }: ReleasedEnvironment, applications: readonly string[]): readonly Blocker[] {
  const isFirst = ({ program, from, to }: VersionChange, index: number): boolean => changes.findIndex((other) => other.program === program && other.from === from && other.to === to) === index;
  return changes.filter(isFirst).flatMap((change): readonly Blocker[] => {
    const { service, program, from, to, path, volumes } = change;
    const blocker = (code: Blocker["code"], message: string, fix: string): readonly Blocker[] => [{ code, subject: service, message, fix }];
    switch (path.kind) {
      case "within-major":
        if (!isAnotherMajor(change) || volumes.length === 0) return [];
        return blocker("major-upgrade", `${service} would not start: ${changeInWords(change)}`, "Give the new major a volume of its own, and bring the data there from a recovery set: docs/upgrading.md.");
      case "one-by-one": {
        if (isForward(from, to)) {
          const skipped = path.releases.filter((release) => isForward(from, release) && isForward(release, to));
          return skipped.length === 0 ? [] : blocker("skipped-release", `${service} would go from ${program} ${from} to ${to} and leave out ${skipped.join(", ")}`, `Release ${program} ${skipped[0] ?? ""} first: docs/upgrading.md.`);
        }
        if (isSameRelease(from, to)) return [];
        return blocker("backward-release", `${service} would go back from ${program} ${from} to ${to}, which can't read what ${from} made of its data`, `Stay at ${from} or later. If its data was restored from an older set, accept it: --accept backward-release:${service}`);
      }
      case "alone": {
        const others = applications.filter((name) => services[name]?.stack !== services[service]?.stack);
        if (others.length === 0) return [];
        return blocker("not-alone", `${service} would go from ${program} ${from} to ${to} together with ${others.join(", ")}: if something fails, nobody could say which of them it was, and going back would interrupt everybody once more`, `Release ${program} by itself, before or after. If both must come at once, accept it: --accept not-alone:${service}`);
      }
    }
  });
}

/** Blockers that nobody can accept: what they keep from wouldn't start, or isn't what its makers ever tried. */
export const neverAccepted: ReadonlySet<Blocker["code"]> = new Set(["major-upgrade", "skipped-release"]);

const numbers = (version: string): readonly number[] => version.split(".").map(Number);

const isAnotherMajor = ({ from, to }: VersionChange): boolean => numbers(from)[0] !== numbers(to)[0];

/** Whether `to` belongs to a later release (year and month) than `from`. */
export function isForward(from: string, to: string): boolean {
  const [[year = 0, month = 0], [laterYear = 0, laterMonth = 0]] = [numbers(from), numbers(to)];
  return laterYear > year || (laterYear === year && laterMonth > month);
}

const isSameRelease = (one: string, other: string): boolean => !isForward(one, other) && !isForward(other, one);

/** How far an environment's data was brought by programs whose data goes forward only, by its journal. Pure. */
import type { JournalEntry } from "../journal/entry.ts";
import { isForward, type Reached } from "../plan/upgrades.ts";
import type { Release, ReleaseId } from "../record/release.ts";

type Entry = Pick<JournalEntry, "run" | "action" | "step" | "outcome" | "release" | "evidence">;

/** A program that was brought to a release from which its data doesn't come back. */
export interface Advance {
  readonly service: string;
  readonly program: string;
  readonly version: string;
  /** Name of the database that has the data. */
  readonly database: string;
  /** The recovery set that was made before; undefined where none was. */
  readonly set: string | undefined;
}

/**
 * Every advance that counts, oldest first: one of each release whose services began to be made anew, since one that broke
 * off may have got that far. Where an older version was started again to its end (its data was restored before), those
 * after it are forgotten.
 */
export function advancesOf(environment: string, entries: readonly Entry[], releases: ReadonlyMap<ReleaseId, Release>): readonly Advance[] {
  const sets = new Map<string, string>();
  let advances: readonly Advance[] = [];
  for (const { run, action, step, outcome, release, evidence } of entries) {
    if (step === "set" && typeof evidence["set"] === "string") sets.set(run, evidence["set"]);
    if (step !== "services" || outcome === "failed") continue;
    for (const [service, { upgrade }] of Object.entries(releases.get(release)?.environments[environment]?.services ?? {})) {
      if (upgrade?.path.kind !== "one-by-one") continue;
      const { program, version, path: { database } } = upgrade;
      const at = advances.findLast((advance) => advance.service === service)?.version;
      if (outcome === "done") advances = advances.filter((advance) => advance.service !== service || !isForward(version, advance.version));
      if (action === "deploy" && (at === undefined || isForward(at, version))) advances = [...advances, { service, program, version, database, set: sets.get(run) }];
    }
  }
  return advances;
}

/** The releases that {@link advancesOf} asks for. */
export const releasesThatStarted = (entries: readonly Pick<JournalEntry, "step" | "release">[]): ReadonlySet<ReleaseId> => new Set(entries.flatMap(({ step, release }) => (step === "services" ? [release] : [])));

/** The version that each service's data is at. */
export const reachedBy = (advances: readonly Advance[]): Reached => Object.fromEntries(advances.map(({ service, version }) => [service, version]));

/** Which steps were applied to an environment's schemas, by its journal. Pure. */
import type { JournalEntry } from "../journal/entry.ts";
import type { Release, ReleaseId, SchemaStep } from "../record/release.ts";
import { migrationMode } from "./migrations.ts";

/**
 * Contract steps that were applied, or may have been, by application: those of every release whose migration began there
 * without being told to stop before them. A migration that broke off may have got that far.
 */
export function appliedContractSteps(entries: readonly Pick<JournalEntry, "step" | "release" | "previousRelease">[], releases: ReadonlyMap<ReleaseId, Release>): Readonly<Record<string, readonly SchemaStep[]>> {
  const applied: Record<string, Map<number, SchemaStep>> = {};
  for (const { step, release, previousRelease } of entries) {
    if (step !== "migrate") continue;
    const before = previousRelease === null ? undefined : releases.get(previousRelease);
    for (const [application, schema] of Object.entries(releases.get(release)?.schemas ?? {})) {
      if (migrationMode(schema, before?.schemas[application]) === "expand-only") continue;
      const known = (applied[application] ??= new Map<number, SchemaStep>());
      for (const taken of schema.steps) if (taken.phase === "contract") known.set(taken.number, taken);
    }
  }
  return Object.fromEntries(Object.entries(applied).map(([application, steps]) => [application, [...steps.values()]]));
}

/** The releases that {@link appliedContractSteps} asks for. */
export const releasesThatMigrated = (entries: readonly Pick<JournalEntry, "step" | "release" | "previousRelease">[]): ReadonlySet<ReleaseId> =>
  new Set(entries.flatMap(({ step, release, previousRelease }) => (step === "migrate" ? [release, ...(previousRelease === null ? [] : [previousRelease])] : [])));

/** Whether a recovery set is made before a deploy touches data, and why. Pure. */
import type { ReleasedEnvironment, ReleasedService } from "../record/release.ts";
import type { PlannedAction } from "./plan.ts";
import { changeInWords, touchesData, type VersionChange } from "./upgrades.ts";

/** Data that a deploy touches. */
export interface TouchedData {
  readonly before: ReleasedEnvironment | undefined;
  readonly after: ReleasedEnvironment;
  /** Services that must be made anew. */
  readonly changed: Iterable<string>;
  /** What takes something away from a schema, in words. */
  readonly contracted: readonly string[];
  readonly versions: readonly VersionChange[];
}

/**
 * The set that comes before everything else; none where no data is touched that a set holds, and where the release that
 * runs makes no sets.
 */
export function setBefore({ before, after, changed, contracted, versions }: TouchedData): readonly PlannedAction[] {
  if (!before || !hasMaker(before, after)) return [];
  const anew = [...changed].flatMap((name) => {
    const kept = keptBy(before.services[name], after.services[name]);
    return kept.length === 0 ? [] : [`${name} is stopped and made anew, and keeps data in ${kept.join(", ")}`];
  });
  const because = [...new Set([...anew, ...contracted, ...versions.filter(touchesData).map(changeInWords)])];
  return because.length === 0 ? [] : [{ kind: "set", subject: setSubject, because, routes: [], interruptionMs: 0, data: [], risk: "none" }];
}

/** What a plan calls it: no service has a name with a space. */
const setSubject = "recovery set";

/** Whether what runs makes sets. A release from before that was said makes them where the one that comes says so. */
const hasMaker = (before: ReleasedEnvironment, after: ReleasedEnvironment): boolean =>
  Object.values(before.services).some(({ makesSets }) => makesSets !== undefined) || Object.entries(after.services).some(([name, { makesSets }]) => makesSets !== undefined && before.services[name] !== undefined);

/** Volumes of a running service that sets hold. */
const keptBy = (before: ReleasedService | undefined, after: ReleasedService | undefined): readonly string[] => (!before || after?.takeover.kind === "one-shot" ? [] : (before.kept ?? after?.kept ?? []));

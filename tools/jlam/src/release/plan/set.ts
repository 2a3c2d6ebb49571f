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
  if (!before || !Object.values(before.services).some(({ makesSets }) => makesSets !== undefined)) return [];
  const anew = [...changed].flatMap((name) => {
    const service = after.services[name];
    return service && isKeeper(service) ? [`${name} is stopped and made anew, and keeps data in ${service.kept?.join(", ") ?? ""}`] : [];
  });
  const because = [...new Set([...anew, ...contracted, ...versions.filter(touchesData).map(changeInWords)])];
  return because.length === 0 ? [] : [{ kind: "set", subject: setSubject, because, routes: [], interruptionMs: 0, data: [], risk: "none" }];
}

/** What a plan calls it: no service has a name with a space. */
const setSubject = "recovery set";

const isKeeper = ({ kept = [], takeover }: ReleasedService): boolean => kept.length > 0 && takeover.kind !== "one-shot";

/** Removes sets whose time is over. Nothing else does: rules of the bucket would not know which set is the last good one. */
import { messageOf } from "../failure.ts";
import { listKeys, removeAllVersions, type Store } from "../store/store.ts";
import { allObjects, idOfObject, manifestKey, markerKey, objectsPrefix, timeOfId } from "./names.ts";
import type { SetRecord } from "./records.ts";

export interface PruneDecision {
  /** Ids of sets to remove, oldest first. */
  readonly remove: readonly string[];
  /** Why none is removed, where that is so for a reason. */
  readonly because: string | undefined;
}

/**
 * Which sets may go: those whose lock is over, except the newest that was verified, however old it is. None goes while the
 * newest set is unverified or was written over, since then the older ones may be all there is, nor when the clock can't be
 * right. Pure.
 *
 * The pruner can't read when a lock ends; it goes by the time in the set's name, and the store refuses what it must.
 *
 * @param sets newest first
 */
export function decidePrune(sets: readonly SetRecord[], now: Date, keepSeconds: number): PruneDecision {
  const newest = sets[0];
  if (newest === undefined) return { remove: [], because: "there is no set" };
  const began = timeOfId(newest.id);
  if (began === undefined) return { remove: [], because: `the name of the newest set, ${newest.id}, tells no time` };
  if (newest.writings !== 1) return { remove: [], because: `the manifest of the newest set, ${newest.id}, was written ${newest.writings} times` };
  if (newest.marker === undefined) return { remove: [], because: `the newest set, ${newest.id}, isn't verified` };
  if (began > now) return { remove: [], because: `the clock says ${now.toISOString()}, and the newest set is from ${began.toISOString()}` };
  const remove = sets
    .slice(1)
    .filter(({ id }) => isOver(id, now, keepSeconds))
    .map(({ id }) => id)
    .reverse();
  return { remove, because: undefined };
}

/** Whether the lock of whatever was begun then is over; never for a name that tells no time. */
function isOver(id: string, now: Date, keepSeconds: number): boolean {
  const began = timeOfId(id);
  return began !== undefined && began.getTime() + keepSeconds * 1000 <= now.getTime();
}

export interface Pruned {
  readonly removed: readonly string[];
  /** Remains of runs that were interrupted, by set. */
  readonly cleared: readonly string[];
  /** What the store refused to delete, with its words. */
  readonly refused: readonly { readonly id: string; readonly why: string }[];
  readonly because: string | undefined;
}

/**
 * Removes what was decided, manifest first, so that a set that is half removed isn't listed; and objects
 * without a manifest that are older than `keepSeconds`, whose lock is over.
 */
export async function prune(store: Store, sets: readonly SetRecord[], { remove, because }: PruneDecision, now: Date, keepSeconds: number): Promise<Pruned> {
  const removed: string[] = [];
  const cleared: string[] = [];
  const refused: { id: string; why: string }[] = [];
  const attempt = async (id: string, done: string[], work: () => Promise<void>): Promise<void> => {
    await work().then(() => done.push(id), (error: unknown) => refused.push({ id, why: messageOf(error) }));
  };
  for (const id of remove) await attempt(id, removed, () => removeSet(store, id));
  const listed = new Set(sets.map(({ id }) => id));
  const remains = new Set((await listKeys(store, allObjects)).flatMap((key) => idOfObject(key) ?? []));
  for (const id of remains) {
    if (!listed.has(id) && isOver(id, now, keepSeconds)) await attempt(id, cleared, () => removeObjects(store, id));
  }
  return { removed, cleared, refused, because };
}

async function removeSet(store: Store, id: string): Promise<void> {
  await removeAllVersions(store, manifestKey(id));
  await removeAllVersions(store, markerKey(id));
  await removeObjects(store, id);
}

async function removeObjects(store: Store, id: string): Promise<void> {
  for (const key of await listKeys(store, objectsPrefix(id))) await removeAllVersions(store, key);
}

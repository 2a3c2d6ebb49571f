/** The way to an instant: a base before it, and every change from there on without a gap. */
import { BackupError } from "../failure.ts";
import type { Signatures } from "../keys/keyring.ts";
import { listKeys, type Store } from "../store/store.ts";
import { nextSegment, positionOf, readRecordKey, recordsOf, segmentAt, type Place } from "./names.ts";
import { readBase, readSegment, type BaseRecord } from "./records.ts";

/** What a bucket holds of one server, by its records' names; nothing of it is proven to be ours yet. */
export interface Listed {
  readonly place: Place;
  /** Oldest first; ids begin with their time. */
  readonly bases: readonly string[];
  /** In order. */
  readonly segments: readonly string[];
}

/** The archives of a database, one for each server that it had, oldest first. */
export async function listArchives(store: Store, database: string): Promise<readonly Listed[]> {
  const found = new Map<string, { place: Place; bases: string[]; segments: string[] }>();
  for (const key of await listKeys(store, recordsOf(database))) {
    const record = readRecordKey(key);
    if (record === undefined || record.of === "marker") continue;
    const { place } = record;
    const archive = found.get(place.system) ?? { place, bases: [], segments: [] };
    found.set(place.system, archive);
    (record.of === "base" ? archive.bases : archive.segments).push(record.name);
  }
  return [...found.values()].sort((a, b) => ((a.bases[0] ?? "") < (b.bases[0] ?? "") ? -1 : 1));
}

/** What a recovery needs, in the order in which it needs it. */
export interface Path {
  readonly place: Place;
  /** A whole base and those with the changes to it, oldest first. */
  readonly bases: readonly BaseRecord[];
  readonly segments: readonly string[];
}

/** The segments that follow each other from `first` on, and the first one that is missing. Pure. */
export function withoutGap(segments: readonly string[], first: string): { readonly run: readonly string[]; readonly missing: string; readonly behind: string | undefined } {
  const there = new Set(segments);
  const run: string[] = [];
  let name = first;
  for (; there.has(name); name = nextSegment(name)) run.push(name);
  return { run, missing: name, behind: segments.find((segment) => segment > name && segment.slice(0, 8) === first.slice(0, 8)) };
}

/**
 * Finds the newest base from which the instant can be reached.
 * @throws BackupError when the archive begins later, ends earlier, or has a gap in between, which is named
 */
export async function findPath(store: Store, signatures: Signatures, database: string, target: Date): Promise<Path> {
  const archives = await listArchives(store, database);
  if (archives.length === 0) {
    throw new BackupError(`The changes of ${database} aren't archived.`, { fix: "Take a set: `jlam backup list`. Promise to lose less where the environment provides it, and they will be." });
  }
  const candidates: BaseRecord[] = [];
  for (const { place, bases } of archives) {
    // An id is the time at which the base was begun; it ends later.
    for (const id of bases.filter((id) => Date.parse(timeOf(id)) <= target.getTime())) candidates.push(await readBase(store, signatures, place, id));
  }
  const base = candidates.filter(({ finishedAt }) => Date.parse(finishedAt) <= target.getTime()).sort((a, b) => (a.finishedAt < b.finishedAt ? -1 : 1)).at(-1);
  const archive = archives.find(({ place }) => place.system === base?.system);
  if (base === undefined || archive === undefined) {
    const first = archives[0]?.bases[0];
    const from = first !== undefined && archives[0] !== undefined ? (await readBase(store, signatures, archives[0].place, first)).finishedAt : undefined;
    throw new BackupError(`The archive of ${database} doesn't reach back to ${target.toISOString()}.`, { fix: from === undefined ? "There is no base backup yet; the first is made when the archive starts." : `It begins at ${from}; take a set from before.` });
  }
  const chain = await chainOf(store, signatures, base);
  const { run, missing, behind } = withoutGap(archive.segments, segmentAt(base.timeline, positionOf(base.startLsn)));
  const last = await firstCovering(store, signatures, base, run, target);
  if (last !== undefined) return { place: archive.place, bases: chain, segments: run.slice(0, Math.max(last, run.indexOf(segmentAt(base.timeline, positionOf(base.endLsn) - 1n))) + 1) };
  const until = await lastCovered(store, signatures, base, run);
  const reachable = until === undefined ? `no instant after ${base.finishedAt} can be reached` : `the last instant before it is ${until}`;
  if (behind !== undefined) {
    throw new BackupError(`The archive of ${database} has a gap: the changes from segment ${missing} up to ${behind} are missing.`, { fix: `Nothing behind a gap can be reached; ${reachable}. Ask for that, or for one after the next base backup.` });
  }
  throw new BackupError(`The archive of ${database} doesn't reach ${target.toISOString()} yet: segment ${missing} isn't there.`, { fix: `Ask for an earlier instant; ${reachable}. What is newer is sent within minutes, if anything was written.` });
}

/** The time that an id begins with. */
const timeOf = (id: string): string => id.replace(/^(\d{4}-\d\d-\d\dT\d\d)-(\d\d)-(\d\d)-(\d{3})Z$/, "$1:$2:$3.$4Z");

/** The base with those that it holds the changes to, oldest first. */
async function chainOf(store: Store, signatures: Signatures, base: BaseRecord): Promise<readonly BaseRecord[]> {
  const chain = [base];
  for (let prior = base.prior; prior !== null; prior = chain[0]?.prior ?? null) chain.unshift(await readBase(store, signatures, base, prior));
  return chain;
}

/** Index of the first segment behind which nothing from before the instant was committed; times only grow, so it is looked for by halves. */
async function firstCovering(store: Store, signatures: Signatures, place: Place, run: readonly string[], target: Date): Promise<number | undefined> {
  const covers = async (index: number): Promise<boolean> => {
    const { coversUntil } = await readSegment(store, signatures, place, run[index] ?? "");
    return coversUntil !== null && Date.parse(coversUntil) >= target.getTime();
  };
  let [low, high] = [0, run.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (await covers(middle)) high = middle;
    else low = middle + 1;
  }
  return low < run.length ? low : undefined;
}

/** The last instant that the segments reach; those that were sent after a restart don't know theirs. */
async function lastCovered(store: Store, signatures: Signatures, place: Place, run: readonly string[]): Promise<string | undefined> {
  for (const name of [...run].reverse()) {
    const { coversUntil } = await readSegment(store, signatures, place, name);
    if (coversUntil !== null) return coversUntil;
  }
  return undefined;
}

/** From when to when a database can be brought back as at any instant. */
export interface Span {
  readonly database: string;
  readonly from: string;
  readonly until: string;
}

/** All spans of a database, oldest first; none where nothing is archived yet. */
export async function spansOf(store: Store, signatures: Signatures, database: string): Promise<readonly Span[]> {
  const spans: Span[] = [];
  for (const { place, bases, segments } of await listArchives(store, database)) {
    const ends = new Set<string>();
    for (const id of bases) {
      const base = await readBase(store, signatures, place, id);
      const { run, missing } = withoutGap(segments, segmentAt(base.timeline, positionOf(base.startLsn)));
      const until = ends.has(missing) ? undefined : await lastCovered(store, signatures, place, run);
      if (until === undefined || until < base.finishedAt) continue;
      ends.add(missing);
      spans.push({ database, from: base.finishedAt, until });
    }
  }
  return spans;
}

/** Removes what no instant that is kept needs any more. */
import { messageOf } from "../failure.ts";
import type { Signatures } from "../keys/keyring.ts";
import { removeAllVersions, type Store } from "../store/store.ts";
import { baseKey, baseMarkerKey, baseRecordKey, positionOf, segmentAt, segmentKey, segmentRecordKey } from "./names.ts";
import { listArchives, type Listed } from "./path.ts";
import { isVerified, readBase, readSegment, type BaseRecord } from "./records.ts";

export interface ArchiveDecision {
  readonly bases: readonly string[];
  readonly segments: readonly string[];
  /** Why nothing is removed, where that is so for a reason. */
  readonly because: string | undefined;
}

/**
 * What of one server's archive may go: what is older than the whole base under the newest base that is itself older than
 * `keepSeconds`, so that every instant within them can be reached; and older than the whole base under the newest one
 * that was verified, however old that is. While none was verified nothing goes. Pure.
 *
 * @param bases all of them, oldest first
 */
export function decideArchivePrune(bases: readonly BaseRecord[], segments: readonly string[], verified: ReadonlySet<string>, now: Date, keepSeconds: number): ArchiveDecision {
  const none = (because: string): ArchiveDecision => ({ bases: [], segments: [], because });
  const lastVerified = bases.findLast(({ id }) => verified.has(id));
  if (lastVerified === undefined) return none("no server was ever brought up from one of its base backups: `jlam restore --to … --rehearse` does");
  if (bases.some(({ startedAt }) => Date.parse(startedAt) > now.getTime())) return none(`the clock says ${now.toISOString()}, and a base backup is from later`);
  const begins = now.getTime() - keepSeconds * 1000;
  const first = bases.findLast(({ finishedAt }) => Date.parse(finishedAt) <= begins);
  if (first === undefined) return none("nothing is older than it is kept for");
  const roots = [wholeUnder(bases, first), wholeUnder(bases, lastVerified)];
  const root = roots.sort((a, b) => (a.id < b.id ? -1 : 1))[0] ?? first;
  const from = segmentAt(root.timeline, positionOf(root.startLsn));
  return { bases: bases.filter(({ id }) => id < root.id).map(({ id }) => id), segments: segments.filter((name) => name < from), because: undefined };
}

function wholeUnder(bases: readonly BaseRecord[], base: BaseRecord): BaseRecord {
  const prior = base.prior === null ? undefined : bases.find(({ id }) => id === base.prior);
  // One whose prior is gone can't be brought up; what it still has stays.
  return prior === undefined ? base : wholeUnder(bases, prior);
}

export interface PrunedArchive {
  readonly database: string;
  readonly system: string;
  readonly removed: number;
  /** What the store refused to delete, with its words: its lock isn't over. */
  readonly refused: readonly string[];
  readonly because: string | undefined;
}

/** Removes it, records first, so that what is half removed isn't listed. */
export async function pruneArchives(store: Store, signatures: Signatures, database: string, now: Date, keepSeconds: number): Promise<readonly PrunedArchive[]> {
  const archives = await listArchives(store, database);
  const done: PrunedArchive[] = [];
  for (const [index, archive] of archives.entries()) {
    const decision = await decide(store, signatures, archives, index, now, keepSeconds);
    const keys = [
      ...decision.bases.flatMap((id) => [baseRecordKey(archive.place, id), baseMarkerKey(archive.place, id), baseKey(archive.place, id)]),
      ...decision.segments.flatMap((name) => [segmentRecordKey(archive.place, name), segmentKey(archive.place, name)]),
    ];
    const refused: string[] = [];
    for (const key of keys) await removeAllVersions(store, key).catch((error: unknown) => void refused.push(`${key}: ${messageOf(error)}`));
    done.push({ ...archive.place, removed: keys.length - refused.length, refused, because: decision.because });
  }
  return done;
}

/** With what becomes of a server's archive where a newer server has taken its place: it goes once it is older than it is kept for. */
async function decide(store: Store, signatures: Signatures, archives: readonly Listed[], index: number, now: Date, keepSeconds: number): Promise<ArchiveDecision> {
  const known = await Promise.all(archives.slice(index).map((archive) => readAll(store, signatures, archive)));
  const [own, ...newer] = known;
  if (own === undefined) return { bases: [], segments: [], because: "there is none" };
  if (newer.length === 0) return decideArchivePrune(own.bases, own.segments, own.verified, now, keepSeconds);
  const over = [...own.bases, ...(own.lastSegment === undefined ? [] : [own.lastSegment])].every(({ lockedUntil }) => Date.parse(lockedUntil) <= now.getTime());
  const replaced = newer.some(({ verified }) => verified.size > 0);
  if (!over || !replaced) return { bases: [], segments: [], because: over ? "no base backup of the server after it was verified" : "nothing is older than it is kept for" };
  return { bases: own.bases.map(({ id }) => id), segments: own.segments, because: undefined };
}

async function readAll(store: Store, signatures: Signatures, { place, bases: ids, segments }: Listed) {
  const bases: BaseRecord[] = [];
  const verified = new Set<string>();
  for (const id of ids) {
    bases.push(await readBase(store, signatures, place, id));
    if (await isVerified(store, signatures, place, id)) verified.add(id);
  }
  const last = segments.at(-1);
  return { bases, verified, segments, lastSegment: last === undefined ? undefined : await readSegment(store, signatures, place, last) };
}

/** What became of a load: failures, and whether versions followed each other in order. Pure. */
import { kinds, type Kind, type Visit } from "./load.ts";

export interface LoadReport {
  readonly requests: number;
  readonly byKind: Readonly<Partial<Record<Kind, number>>>;
  readonly failed: number;
  /** How often each failure was seen, by kind and words. */
  readonly failures: Readonly<Record<string, number>>;
  /** How many of the expected turns were seen. */
  readonly turns: number;
  /** Answers of a version whose turn it wasn't. */
  readonly outOfTurn: number;
  /** Longest time in which no request succeeded, in milliseconds. */
  readonly longestGap: number;
  /** Of the answers that weren't asked to be slow, in milliseconds. */
  readonly latency: { readonly p50: number; readonly p99: number };
}

/** Sums up the visits that ended between two moments; `order` has the versions as they should take turns. */
export function reportOf(visits: readonly Visit[], order: readonly number[], { from = 0, to = Number.POSITIVE_INFINITY } = {}): LoadReport {
  const seen = visits.filter(({ ended }) => ended >= from && ended <= to).toSorted((a, b) => a.ended - b.ended);
  const failures: Record<string, number> = {};
  const byKind: Partial<Record<Kind, number>> = {};
  for (const { kind, failure } of seen) {
    byKind[kind] = (byKind[kind] ?? 0) + 1;
    if (failure !== undefined) failures[`${kind}: ${failure}`] = (failures[`${kind}: ${failure}`] ?? 0) + 1;
  }
  const good = seen.filter(({ failure }) => failure === undefined);
  const turns = outOfTurn(good, order);
  const quick = good.filter(({ kind }) => kind === "get" || kind === "new connection" || kind === "order").map(({ began, ended }) => ended - began).sort((a, b) => a - b);
  return {
    requests: seen.length,
    byKind: Object.fromEntries(kinds.flatMap((kind) => (byKind[kind] === undefined ? [] : [[kind, byKind[kind]]]))),
    failed: Object.values(failures).reduce((sum, count) => sum + count, 0),
    failures,
    turns: turns.turns,
    outOfTurn: turns.count,
    longestGap: Math.round(longestGap(good)),
    latency: { p50: at(quick, 0.5), p99: at(quick, 0.99) },
  };
}

/**
 * How many answers were of a version whose turn it wasn't. The versions take turns as `order` says; a request that began
 * before a switch was seen may still get the version before it. Streams that are open through a switch go on with the
 * old version, rightly, so their messages don't count.
 */
function outOfTurn(good: readonly Visit[], order: readonly number[]): { readonly count: number; readonly turns: number } {
  let [turn, count, switched] = [0, 0, 0];
  for (const { kind, version, began, ended } of good) {
    if (kind === "events" || kind === "socket" || version === order[turn]) continue;
    if (version === order[turn - 1] && began < switched) continue;
    if (version === order[turn + 1]) {
      turn += 1;
      switched = ended;
    } else count += 1;
  }
  return { count, turns: turn + 1 };
}

function longestGap(good: readonly Visit[]): number {
  let longest = 0;
  for (const [index, visit] of good.entries()) {
    const before = good[index - 1];
    if (before) longest = Math.max(longest, visit.ended - before.ended);
  }
  return longest;
}

const at = (sorted: readonly number[], share: number): number => Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 10) / 10;

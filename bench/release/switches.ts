/** What visitors saw of releases and rollbacks: failures, gaps, latency, and when the other version answered. Pure. */
import type { Visit } from "@jlam/tests/release-bed/load";
import { percentile } from "../open-loop.ts";

/** A command that was given while visitors came. Times in milliseconds, by the load's own clock. */
export interface Switch {
  readonly action: "release" | "rollback";
  readonly at: number;
  /** Version that answered before, and the one that should answer after it. */
  readonly from: number;
  readonly to: number;
}

export interface Seen {
  readonly requests: number;
  readonly failed: number;
  /** Longest time in which no request was answered well. */
  readonly longestGap: number;
  /** Of the answers that began within three seconds of the first one of the other version. */
  readonly latency: { readonly p50: number; readonly p95: number; readonly p99: number };
  /** From a release's command to the first answer of the new version. */
  readonly served: { readonly p50: number; readonly p95: number };
  /** From a rollback's command to the first answer of the old version that no answer of the new one follows. */
  readonly back: { readonly p50: number; readonly p95: number };
}

/** How close to a switch an answer must have begun to count for the latency, in milliseconds. */
const near = 3000;

/** Slow answers, uploads and streams belong to the version at which they began, so they don't date a switch. */
const isQuick = ({ kind, failure }: Visit): boolean => failure === undefined && (kind === "get" || kind === "new connection" || kind === "order");

/** Sums up all visits of one way of releasing. */
export function seenOf(visits: readonly Visit[], switches: readonly Switch[]): Seen {
  const ordered = visits.toSorted((a, b) => a.ended - b.ended);
  const quick = ordered.filter(isQuick);
  const dated = switches.map((one, index) => ({ ...one, seen: seenAt(quick, one, switches[index + 1]?.at ?? Number.POSITIVE_INFINITY) }));
  const latencies = quick.filter(({ began }) => dated.some(({ seen }) => Math.abs(began - seen) <= near)).map(({ began, ended }) => ended - began);
  const took = (action: Switch["action"]): { readonly p50: number; readonly p95: number } => {
    const times = dated.filter((one) => one.action === action).map(({ seen, at }) => seen - at);
    return { p50: percentile(times, 0.5), p95: percentile(times, 0.95) };
  };
  const good = ordered.filter(({ failure }) => failure === undefined);
  return {
    requests: ordered.length,
    failed: ordered.length - good.length,
    longestGap: good.slice(1).reduce((longest, { ended }, index) => Math.max(longest, ended - (good[index]?.ended ?? ended)), 0),
    latency: { p50: percentile(latencies, 0.5), p95: percentile(latencies, 0.95), p99: percentile(latencies, 0.99) },
    served: took("release"),
    back: took("rollback"),
  };
}

/** When the other version answered first; for a rollback, when it answered and the version that was left never did again. */
function seenAt(quick: readonly Visit[], { action, at, from, to }: Switch, until: number): number {
  const between = quick.filter(({ ended }) => ended >= at && ended < until);
  const after = action === "rollback" ? between.findLastIndex(({ version }) => version === from) + 1 : 0;
  return between.slice(after).find(({ version }) => version === to)?.ended ?? Number.NaN;
}

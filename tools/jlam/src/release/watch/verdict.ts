/** Whether a new version holds what was promised, from the proxy's own counters. Pure. */
import type { Sample } from "../switch/samples.ts";

/** The proxy's counters of one service at one moment. */
export interface Counters {
  readonly requests: number;
  /** Answered 500 to 599. */
  readonly errors: number;
  /** Requests by the upper bound of their duration, in seconds; cumulative, as histograms are. */
  readonly buckets: ReadonlyMap<number, number>;
}

export const noCounters: Counters = { requests: 0, errors: 0, buckets: new Map() };

/** What is promised. Availability is a ratio, the latency in milliseconds; null: nothing. */
export interface Promised {
  readonly availability: number | null;
  readonly p95: number | null;
}

export type Verdict =
  | { readonly kind: "good"; readonly requests: number; readonly errors: number; readonly p95: number | undefined }
  | { readonly kind: "bad"; readonly requests: number; readonly why: string }
  /** Too little traffic to say anything. Never good. */
  | { readonly kind: "unknown"; readonly requests: number; readonly why: string };

/** Reads the counters of the services (`app@file`, …) that a release switched. */
export function countersOf(samples: readonly Sample[], services: ReadonlySet<string>): Counters {
  let [requests, errors] = [0, 0];
  const buckets = new Map<number, number>();
  for (const { name, labels, value } of samples) {
    if (!services.has(labels["service"] ?? "")) continue;
    if (name === "traefik_service_requests_total") {
      requests += value;
      if (/^5\d\d$/.test(labels["code"] ?? "")) errors += value;
    }
    if (name === "traefik_service_request_duration_seconds_bucket") {
      const bound = labels["le"] === "+Inf" ? Number.POSITIVE_INFINITY : Number(labels["le"]);
      buckets.set(bound, (buckets.get(bound) ?? 0) + value);
    }
  }
  return { requests, errors, buckets };
}

/** What was counted since `before`. A proxy that was restarted counts from 0 again, and what it counted before is lost. */
export function since(before: Counters, now: Counters): Counters {
  if (now.requests < before.requests) return now;
  const buckets = new Map([...now.buckets].map(([bound, count]) => [bound, count - (before.buckets.get(bound) ?? 0)]));
  return { requests: now.requests - before.requests, errors: now.errors - before.errors, buckets };
}

/**
 * Errors burn the budget (1 - availability) this many times too fast for a month's budget to last two days: the
 * fastest of the pairs in Google's SRE Workbook, chapter 5.
 */
const burnRate = 14.4;

/** Judges a window by its counters: nothing is said of fewer requests than `minimum`. */
export function judge(window: Counters, promised: Promised, minimum: number): Verdict {
  const { requests, errors } = window;
  if (requests < minimum) return { kind: "unknown", requests, why: `${requests} requests are too few to judge by; ${minimum} are needed` };
  const ratio = errors / requests;
  const most = promised.availability === null ? undefined : Math.min(1, burnRate * (1 - promised.availability));
  if (most !== undefined && ratio > most) return { kind: "bad", requests, why: `${errors} of ${requests} requests failed (${percent(ratio)}); at most ${percent(most)} may while it is watched` };
  const p95 = quantile(window.buckets, 0.95);
  if (promised.p95 !== null && p95 !== undefined && p95 * 1000 > promised.p95) return { kind: "bad", requests, why: `95 % of requests took up to ${inWords(p95)}; ${promised.p95} ms are promised` };
  return { kind: "good", requests, errors, p95: p95 === undefined || !Number.isFinite(p95) ? undefined : Math.round(p95 * 1000) };
}

/** The bound below which this share of requests lies: an upper bound, so that nothing slow passes. In seconds. */
function quantile(buckets: ReadonlyMap<number, number>, share: number): number | undefined {
  const bounds = [...buckets].sort(([a], [b]) => a - b);
  const total = bounds.at(-1)?.[1] ?? 0;
  if (total === 0) return undefined;
  return bounds.find(([, count]) => count >= share * total)?.[0];
}

const percent = (ratio: number): string => `${(ratio * 100).toFixed(1)} %`;
const inWords = (seconds: number): string => (Number.isFinite(seconds) ? `${Math.round(seconds * 1000)} ms` : "longer than is measured");

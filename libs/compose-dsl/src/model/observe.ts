import { duration, type Duration, type DurationInput } from "./units.ts";

/** Where a service's metrics are read. */
export interface Scrape<P extends string = string> {
  readonly kind: "scrape";
  readonly port: P;
  readonly path: string;
  readonly interval: Duration;
}

/** Prometheus reads `path` on the declared port every `interval` (15 s unless said otherwise). */
export const scrape = <const P extends string>(port: P, path: `/${string}`, options: { interval?: DurationInput } = {}): Scrape<P> => ({
  kind: "scrape",
  port,
  path,
  interval: duration(options.interval ?? "15s"),
});

/** How a service writes its log, so that the pipeline can read it. */
export type LogFormat =
  | { readonly kind: "json"; readonly level: string; readonly message: string }
  | { readonly kind: "text" };

/** One JSON object a line, with the level and the message under these keys. */
export const jsonLines = (keys: { readonly level: string; readonly message: string }): LogFormat => ({ kind: "json", ...keys });
export const plainLines: LogFormat = { kind: "text" };

/** What users were promised. Availability is a ratio below 1 over 30 days. Kept in the model; no emitter reads it yet. */
export interface Objectives {
  readonly availability: number;
  readonly latency?: { readonly p95: DurationInput };
}

/** P1 wakes someone, P2 waits for business hours, P3 for the daily digest. */
export type Severity = "P1" | "P2" | "P3";

/** A condition of a service's own that somebody must hear about. Kept in the model; no emitter reads it yet. */
export interface Alert {
  readonly kind: "alert";
  readonly severity: Severity;
  /** PromQL that has a result while something is wrong. */
  readonly when: string;
  readonly for: Duration;
  readonly summary: string;
}

export const alert = (
  severity: Severity,
  options: { readonly when: string; readonly for: DurationInput; readonly summary: string },
): Alert => ({ kind: "alert", severity, when: options.when, for: duration(options.for), summary: options.summary });

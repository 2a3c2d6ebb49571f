/** What an exporter tells, as types: a metric or label that isn't in a catalogue can't stand in an expression. */

export type Kind = "counter" | "gauge" | "histogram";

/** What a value counts. Dashboards take their unit from it, thresholds are compared in it. */
export type Unit = "seconds" | "bytes" | "ratio" | "euros" | "count" | "yes-or-no" | "unix-time";

/** What a catalogue says of one metric. */
export interface Shape<K extends Kind = Kind, L extends string = string> {
  readonly kind: K;
  readonly unit: Unit;
  readonly labels: readonly L[];
}

/** Labels that our scrape configuration puts on every series, whatever the exporter says. */
export type TargetLabel = "job" | "instance" | "service" | "owner" | "exporter";

export interface Metric<N extends string = string, K extends Kind = Kind, L extends string = string> extends Shape<K, L> {
  readonly name: N;
  /** Name of the catalogue that it is from. */
  readonly exporter: string;
}

export type Metrics<S extends Readonly<Record<string, Shape>>> = {
  readonly [N in keyof S & string]: Metric<N, S[N]["kind"], S[N]["labels"][number]>;
};

/** Everything of one exporter that we use, as that version says it. */
export interface Catalogue<S extends Readonly<Record<string, Shape>> = Readonly<Record<string, Shape>>> {
  readonly exporter: string;
  readonly version: string;
  readonly metrics: Metrics<S>;
}

const shape =
  <const K extends Kind>(kind: K) =>
  <const L extends string = never>(unit: Unit, labels: readonly L[] = []): Shape<K, L> => ({ kind, unit, labels });

/** Only grows, until the program starts anew. */
export const counter = shape("counter");
export const gauge = shape("gauge");
export const histogram = shape("histogram");

/**
 * The metrics of one exporter: `catalogue("redis", "1.83", { redis_up: gauge("yes-or-no") })`.
 * `exporter` is the name that scrape jobs carry as label of the same name.
 */
export function catalogue<const S extends Readonly<Record<string, Shape>>>(exporter: string, version: string, shapes: S): Catalogue<S>;
export function catalogue(exporter: string, version: string, shapes: Readonly<Record<string, Shape>>): Catalogue {
  return Object.freeze({
    exporter,
    version,
    metrics: Object.fromEntries(Object.entries(shapes).map(([name, of]) => [name, Object.freeze({ name, exporter, ...of })])),
  });
}

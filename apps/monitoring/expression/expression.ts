/** PromQL from typed parts: what an expression may group and match by is known to the compiler. */
import type { Kind, Metric, TargetLabel } from "../catalogue/metric.ts";

/** How tightly an operator binds, loosest first (Prometheus' documentation, "Binary operator precedence"). */
const binding = { or: 1, and: 2, compare: 3, add: 4, multiply: 5, atom: 9 } as const;
type Binding = (typeof binding)[keyof typeof binding];

/** An instant vector whose series have labels `L`. */
export interface Expression<L extends string = string> {
  readonly kind: "expression";
  readonly text: string;
  /** Names of the metrics that it reads. */
  readonly metrics: readonly string[];
  readonly binding: Binding;
  /** Only in types. */
  readonly labels?: L;
}

/** One number, equal for all series. */
export interface Scalar {
  readonly kind: "scalar";
  readonly text: string;
}

type Operand<L extends string> = Expression<L> | Scalar | number;

/** A length of time in PromQL. The last is Grafana's own, for dashboards: at least four scrapes, and as much as a pixel stands for. */
export type Window = `${number}${"s" | "m" | "h" | "d"}` | "$__rate_interval";

/** The series of one metric. Functions over a window take nothing else. */
export interface Selector<L extends string = string, K extends Kind = Kind> extends Expression<L> {
  readonly of: K;
  readonly offset?: Window;
}

/** How a label is compared; a plain text means equality. */
export type Matcher = string | { readonly not: string } | { readonly matches: string } | { readonly matchesNot: string };
type Matchers<L extends string> = { readonly [K in L | TargetLabel]?: Matcher };

const vector = (text: string, metrics: readonly string[], binds: Binding = binding.atom): Expression<never> => ({ kind: "expression", text, metrics: [...new Set(metrics)], binding: binds });

function matcherText(label: string, matcher: Matcher): string {
  if (typeof matcher === "string") return `${label}=${JSON.stringify(matcher)}`;
  if ("not" in matcher) return `${label}!=${JSON.stringify(matcher.not)}`;
  if ("matches" in matcher) return `${label}=~${JSON.stringify(matcher.matches)}`;
  return `${label}!~${JSON.stringify(matcher.matchesNot)}`;
}

function selectText(name: string, matchers: Readonly<Record<string, Matcher | undefined>>): string {
  const texts = Object.entries(matchers).flatMap(([label, matcher]) => (matcher === undefined ? [] : [matcherText(label, matcher)]));
  return texts.length === 0 ? name : `${name}{${texts.join(",")}}`;
}

/** The series of a counter or gauge whose labels match: `select(blackbox.probe_success, { job: "probe-public" })`. */
export function select<L extends string, K extends "counter" | "gauge">(metric: Metric<string, K, L>, matchers: Matchers<L> = {}): Selector<L | TargetLabel, K> {
  return { ...vector(selectText(metric.name, matchers), [metric.name]), of: metric.kind };
}

/** The counters of a histogram's buckets; `le` is an upper bound that the exporter really has. */
export function bucketsOf<L extends string>(metric: Metric<string, "histogram", L>, matchers: Matchers<L> & { readonly le?: number } = {}): Selector<L | "le" | TargetLabel, "counter"> {
  const { le, ...rest } = matchers;
  return { ...vector(selectText(`${metric.name}_bucket`, { ...rest, le: le === undefined ? undefined : upperBound(le) }), [`${metric.name}_bucket`]), of: "counter" };
}

/** Prometheus 3 writes whole bounds with a decimal (docs/migration.md, "le and quantile label values"). */
const upperBound = (le: number): string => (Number.isInteger(le) ? `${le}.0` : String(le));

/** How many observations a histogram has. */
export function countOf<L extends string>(metric: Metric<string, "histogram", L>, matchers: Matchers<L> = {}): Selector<L | TargetLabel, "counter"> {
  return { ...vector(selectText(`${metric.name}_count`, matchers), [`${metric.name}_count`]), of: "counter" };
}

/** The same series as they were `window` ago. */
export const before = <L extends string, K extends Kind>(selector: Selector<L, K>, window: Window): Selector<L, K> => ({ ...selector, offset: window });

const ranged = (selector: Selector, window: Window): string => `${selector.text}[${window}]${selector.offset === undefined ? "" : ` offset ${selector.offset}`}`;
const instant = (of: Expression): string => ("offset" in of && typeof of.offset === "string" ? `${of.text} offset ${of.offset}` : of.text);

type OverCounter = "rate" | "increase";
type OverGauge = "max_over_time" | "avg_over_time" | "last_over_time";

const overCounter =
  (name: OverCounter) =>
  <L extends string>(selector: Selector<L, "counter">, window: Window): Expression<L> =>
    vector(`${name}(${ranged(selector, window)})`, selector.metrics);
const overGauge =
  (name: OverGauge) =>
  <L extends string>(selector: Selector<L, "gauge">, window: Window): Expression<L> =>
    vector(`${name}(${ranged(selector, window)})`, selector.metrics);

/** Growth a second. Counters only: a rate of a gauge means nothing. */
export const rate = overCounter("rate");
export const increase = overCounter("increase");
export const maxOver = overGauge("max_over_time");
export const averageOver = overGauge("avg_over_time");
/** The last value of a series that may be gone by now. */
export const lastOver = overGauge("last_over_time");

/** What a gauge will be `seconds` from now when it goes on as in `window`. */
export const predict = <L extends string>(selector: Selector<L, "gauge">, window: Window, seconds: number): Expression<L> =>
  vector(`predict_linear(${ranged(selector, window)}, ${seconds})`, selector.metrics);

type Aggregation = "sum" | "max" | "min" | "avg" | "count";
const aggregateBy =
  (name: Aggregation) =>
  <L extends string, const K extends L>(labels: readonly K[], of: Expression<L>): Expression<K> =>
    vector(labels.length === 0 ? `${name}(${instant(of)})` : `${name} by (${labels.join(", ")}) (${instant(of)})`, of.metrics);

export const sumBy = aggregateBy("sum");
export const maxBy = aggregateBy("max");
export const minBy = aggregateBy("min");
export const averageBy = aggregateBy("avg");
export const countBy = aggregateBy("count");

/** The value below which a share `quantile` of observations lies; `of` are rates of buckets. */
export const quantileOf = <L extends string>(quantile: number, of: "le" extends L ? Expression<L> : never): Expression<Exclude<L, "le">> =>
  vector(`histogram_quantile(${quantile}, ${instant(of)})`, of.metrics);

/** One series while `of` has none. Labels are those of its equalities. */
export const absent = <L extends string>(of: Selector<L>): Expression<L> => vector(`absent(${instant(of)})`, of.metrics);

/** Seconds since 1970, on the clock of Prometheus. */
export const now: Scalar = { kind: "scalar", text: "time()" };

/** One series without labels and this value: what is always true. */
export const always = (value: number): Expression<never> => vector(`vector(${value})`, []);

/** When the samples of these series were taken. */
export const takenAt = <L extends string>(of: Selector<L>): Expression<L> => vector(`timestamp(${instant(of)})`, of.metrics);

function side(operand: Operand<string>, least: number): string {
  if (typeof operand === "number") return String(operand);
  if (operand.kind === "scalar") return operand.text;
  return operand.binding < least ? `(${instant(operand)})` : instant(operand);
}
const metricsOf = (...operands: readonly Operand<string>[]): readonly string[] => operands.flatMap((operand) => (typeof operand === "object" && operand.kind === "expression" ? operand.metrics : []));

const binary = (operator: string, binds: Binding, left: Operand<string>, right: Operand<string>): Expression<never> =>
  // Operators of one rank are applied from the left, so what stands right of one must bind more tightly.
  vector(`${side(left, binds)} ${operator} ${side(right, binds + 1)}`, metricsOf(left, right), binds);

const comparison =
  (operator: ">" | "<" | "==" | "!=") =>
  <L extends string>(left: Expression<L>, right: Operand<L>): Expression<L> =>
    binary(operator, binding.compare, left, right);

/** Those series of `left` that are greater; compared with another vector, series with equal labels meet. */
export const above = comparison(">");
export const below = comparison("<");
export const equals = comparison("==");
export const differs = comparison("!=");

const arithmetic =
  (operator: "+" | "-" | "*" | "/", binds: Binding) =>
  <L extends string>(left: Operand<L>, right: Operand<L>): Expression<L> =>
    binary(operator, binds, left, right);

export const plus = arithmetic("+", binding.add);
export const minus = arithmetic("-", binding.add);
export const times = arithmetic("*", binding.multiply);
export const dividedBy = arithmetic("/", binding.multiply);

/** By which labels two sides meet; all of them unless said otherwise. */
interface On<K extends string> {
  readonly on: readonly K[];
}

const setOperation =
  (operator: "and" | "unless", binds: Binding) =>
  <L extends string, M extends string, const K extends L & M>(left: Expression<L>, right: Expression<M>, meeting?: On<K>): Expression<L> =>
    binary(meeting === undefined ? operator : `${operator} on (${meeting.on.join(", ")})`, binds, left, right);

/** Series of `left` that have a partner in `right`. */
export const both = setOperation("and", binding.and);
/** Series of `left` that have no partner in `right`. */
export const unless = setOperation("unless", binding.and);
/** All series of the first, and those of the others that it lacks. */
export function either<L extends string, M extends string>(left: Expression<L>, right: Expression<M>): Expression<L & M> {
  return vector(`${side(left, binding.or)} or ${side(right, binding.or)}`, metricsOf(left, right), binding.or);
}

/** What can be kept of a day, in the units that people in the Netherlands use. Form, checks, chart and API follow it. */

/** The measures, as the columns of the table are named. */
export const MEASURES = ["weight", "glucose", "steps", "sleep", "mood"] as const;
export type MeasureKey = (typeof MEASURES)[number];

/** One thing that is measured. */
export interface Measure {
  readonly key: MeasureKey;
  /** Its name in forms, in addresses and in the API. */
  readonly field: string;
  readonly name: string;
  /** Written behind a number; empty where words take its place. */
  readonly unit: string;
  readonly decimals: 0 | 1;
  /** What can be kept, as the checks of the table say too; not what is healthy. */
  readonly least: number;
  readonly most: number;
  /** How a chart shows it: as a course, or as an amount of each day. */
  readonly chart: "line" | "bars";
}

export const measures: Readonly<Record<MeasureKey, Measure>> = {
  weight: { key: "weight", field: "gewicht", name: "Gewicht", unit: "kg", decimals: 1, least: 20, most: 400, chart: "line" },
  glucose: { key: "glucose", field: "glucose", name: "Glucose", unit: "mmol/l", decimals: 1, least: 1, most: 50, chart: "line" },
  steps: { key: "steps", field: "stappen", name: "Stappen", unit: "stappen", decimals: 0, least: 0, most: 150_000, chart: "bars" },
  sleep: { key: "sleep", field: "slaap", name: "Slaap", unit: "uur", decimals: 1, least: 0, most: 24, chart: "bars" },
  mood: { key: "mood", field: "stemming", name: "Stemming", unit: "", decimals: 0, least: 1, most: 5, chart: "line" },
};

/** The words for a mood, from 1 on. */
export const MOODS = ["slecht", "matig", "gaat wel", "goed", "heel goed"] as const;

/** What somebody typed, or why it is not taken. */
export type ReadNumber =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "empty" }
  | { readonly kind: "not-a-number" }
  | { readonly kind: "out-of-range" };

/** Thousands with or without a dot or a space: 8123, 8.123, 8 123. */
const WHOLE = /^\d{1,3}(?:[.\s]?\d{3})*$/;
const DECIMAL = /^\d{1,4}(?:[.,]\d{1,2})?$/;
/** Hours and minutes, as many watches tell sleep. */
const CLOCK = /^(?<hours>\d{1,2}):(?<minutes>[0-5]\d)$/;

function toNumber(measure: Measure, text: string): number | undefined {
  if (measure.decimals === 0) return WHOLE.test(text) ? Number(text.replace(/[.\s]/g, "")) : undefined;
  const clock = measure.key === "sleep" ? CLOCK.exec(text)?.groups : undefined;
  if (clock !== undefined) return Number(clock["hours"]) + Number(clock["minutes"]) / 60;
  return DECIMAL.test(text) ? Number(text.replace(",", ".")) : undefined;
}

/** Reads what somebody typed, with a comma or a dot, and rounds it to what is kept. */
export function readNumber(measure: Measure, typed: string): ReadNumber {
  const text = typed.trim();
  if (text === "") return { kind: "empty" };
  const exact = toNumber(measure, text);
  if (exact === undefined) return { kind: "not-a-number" };
  const value = Number(exact.toFixed(measure.decimals));
  return value < measure.least || value > measure.most ? { kind: "out-of-range" } : { kind: "number", value };
}

/** Weight and glucose always show their tenth; a night of eight hours is not "8,0 uur". */
const leastDecimals = (measure: Measure): number => (measure.key === "sleep" ? 0 : measure.decimals);

/** The number as it is read: 82,4 and 8.123. */
export const showNumber = (measure: Measure, value: number): string =>
  value.toLocaleString("nl-NL", { minimumFractionDigits: leastDecimals(measure), maximumFractionDigits: measure.decimals });

/** The number as it is typed, without dots between thousands. */
export const typedNumber = (measure: Measure, value: number): string =>
  value.toLocaleString("nl-NL", { minimumFractionDigits: leastDecimals(measure), maximumFractionDigits: measure.decimals, useGrouping: false });

/** The number with its unit, or the word for a mood: "82,4 kg", "4 (goed)". */
export function showValue(measure: Measure, value: number): string {
  if (measure.key === "mood") return `${value} (${MOODS[value - 1] ?? ""})`;
  return `${showNumber(measure, value)} ${measure.unit}`;
}

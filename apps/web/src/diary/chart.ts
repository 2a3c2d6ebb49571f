/** Where the points, bars and lines of a chart stand: numbers in, numbers out. */

/** A value of one of the days that the chart shows, counted from 0 for the oldest. */
export interface ChartValue {
  readonly index: number;
  readonly value: number;
}

/** What a chart is to show. */
export interface ChartInput {
  readonly kind: "line" | "bars";
  /** How many days it is wide. */
  readonly days: number;
  /** At least one, oldest first. */
  readonly values: readonly ChartValue[];
  /** Fixed ends of the scale; otherwise they follow the values. */
  readonly scale?: { readonly from: number; readonly to: number };
}

/** A value and where it stands; `y` counts from the top, as SVG does. */
export interface ChartPoint extends ChartValue {
  readonly x: number;
  readonly y: number;
}

/** A chart in the units of its own picture, {@link WIDTH} by {@link HEIGHT}. */
export interface Chart {
  readonly points: readonly ChartPoint[];
  /** Lines across, each with the number that it stands for. */
  readonly ticks: readonly { readonly value: number; readonly y: number }[];
  readonly barWidth: number;
  /** Where the amounts begin. */
  readonly baseline: number;
}

export const WIDTH = 320;
export const HEIGHT = 150;

/** Room for the numbers of the scale at the left and the dates below. */
export const PLOT = { left: 44, right: 312, top: 10, bottom: 122 } as const;

/** More lines across would be noise on a phone. */
const MOST_STEPS = 4;

/** The smallest of 1, 2, 2.5 and 5 times a power of ten with which `span` takes no more than {@link MOST_STEPS} steps. */
function stepOf(span: number): number {
  const power = 10 ** Math.floor(Math.log10(span / MOST_STEPS));
  const step = [1, 2, 2.5, 5].find((factor) => span / (factor * power) <= MOST_STEPS);
  return (step ?? 10) * power;
}

/** Removes what floating point adds: 0.30000000000000004. */
const clean = (value: number): number => Number(value.toPrecision(10));

function scaleOf({ kind, values, scale }: ChartInput): { readonly from: number; readonly to: number; readonly step: number } {
  if (scale !== undefined) return { ...scale, step: stepOf(scale.to - scale.from) };
  const numbers = values.map(({ value }) => value);
  const [least, most] = [kind === "bars" ? 0 : Math.min(...numbers), Math.max(...numbers)];
  // Days that are all alike still need a scale; two per cent keeps it narrow, and nothing at all still gets an axis.
  const span = Math.max(most - least, most * 0.02, 1);
  const step = stepOf(span);
  const from = Math.floor(clean(least / step)) * step;
  const to = Math.max(Math.ceil(clean(most / step)) * step, from + step);
  return { from: clean(from), to: clean(to), step };
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** Works out a chart. */
export function chartOf(input: ChartInput): Chart {
  const { from, to, step } = scaleOf(input);
  const slot = (PLOT.right - PLOT.left) / input.days;
  const yOf = (value: number): number => round(PLOT.bottom - ((value - from) / (to - from)) * (PLOT.bottom - PLOT.top));
  const count = Math.round((to - from) / step);
  return {
    points: input.values.map(({ index, value }) => ({ index, value, x: round(PLOT.left + (index + 0.5) * slot), y: yOf(value) })),
    ticks: Array.from({ length: count + 1 }, (_, index) => clean(from + index * step)).map((value) => ({ value, y: yOf(value) })),
    barWidth: round(slot * 0.7),
    baseline: PLOT.bottom,
  };
}

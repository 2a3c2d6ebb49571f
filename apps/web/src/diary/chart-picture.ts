import { html } from "../pages/html.ts";
import type { Html } from "../pages/html.ts";
import { HEIGHT, PLOT, WIDTH, chartOf } from "./chart.ts";
import type { Chart } from "./chart.ts";
import { dayAndMonth, daysBetween, longDay } from "./day.ts";
import type { Day } from "./day.ts";
import type { DiaryEntry } from "./diary.ts";
import { showNumber, showValue } from "./measures.ts";
import type { Measure } from "./measures.ts";

/** The days that charts show, both included. */
export interface Period {
  readonly from: Day;
  readonly to: Day;
}

/** More dots than this run into each other on a phone. */
const MOST_DOTS = 31;

interface DayValue {
  readonly day: Day;
  readonly value: number;
}

const valuesOf = (measure: Measure, entries: readonly DiaryEntry[]): readonly DayValue[] =>
  entries.flatMap((entry) => {
    const value = entry.values[measure.key];
    return value === undefined ? [] : [{ day: entry.day, value }];
  });

/** What the picture shows, for whoever doesn't see it. */
function describe(measure: Measure, values: readonly DayValue[], first: DayValue, last: DayValue): string {
  const numbers = values.map(({ value }) => value);
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  if (first === last) return `Eén dag: ${showValue(measure, last.value)} op ${longDay(last.day)}.`;
  return (
    `${values.length} dagen: van ${showValue(measure, first.value)} op ${longDay(first.day)} ` +
    `naar ${showValue(measure, last.value)} op ${longDay(last.day)}. Laagste ${showValue(measure, least)}, hoogste ${showValue(measure, most)}.`
  );
}

function drawing(measure: Measure, chart: Chart): Html {
  switch (measure.chart) {
    case "bars":
      return html`${chart.points.map(
        ({ x, y }) =>
          html`<rect class="bar" x="${x - chart.barWidth / 2}" y="${y}" width="${chart.barWidth}" height="${Math.max(chart.baseline - y, 1)}" rx="1"/>`,
      )}`;
    case "line": {
      const line = html`<polyline class="course" points="${chart.points.map(({ x, y }) => `${x},${y}`).join(" ")}"/>`;
      // One point alone makes no line.
      if (chart.points.length > MOST_DOTS) return line;
      return html`${line}${chart.points.map(({ x, y }) => html`<circle class="dot" cx="${x}" cy="${y}" r="3"/>`)}`;
    }
  }
}

/**
 * One measure in a period as a picture, with its newest value above it; undefined when there is nothing to show. The
 * entries are those of the period, oldest first. The same numbers are in the table of the page.
 */
export function chartPicture(measure: Measure, entries: readonly DiaryEntry[], period: Period): Html | undefined {
  const values = valuesOf(measure, entries);
  const [first, last] = [values[0], values.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const chart = chartOf({
    kind: measure.chart,
    days: daysBetween(period.from, period.to) + 1,
    values: values.map(({ day, value }) => ({ index: daysBetween(period.from, day), value })),
    ...(measure.key === "mood" ? { scale: { from: measure.least, to: measure.most } } : {}),
  });
  const id = `grafiek-${measure.field}`;
  // "Stappen: 8.123 stappen" says it twice.
  const newest = measure.key === "steps" ? showNumber(measure, last.value) : showValue(measure, last.value);
  return html`
        <figure class="chart">
          <figcaption><h3>${measure.name}</h3><p>${newest} <span class="quiet">op ${dayAndMonth(last.day)}</span></p></figcaption>
          <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${id}-titel ${id}-tekst">
            <title id="${id}-titel">${measure.name} per dag</title>
            <desc id="${id}-tekst">${describe(measure, values, first, last)}</desc>
            ${chart.ticks.map(
              ({ value, y }) =>
                html`<line class="rule" x1="${PLOT.left}" x2="${PLOT.right}" y1="${y}" y2="${y}"/><text class="scale" x="${PLOT.left - 6}" y="${y + 4}">${showNumber(measure, value)}</text>`,
            )}
            ${drawing(measure, chart)}
            <text class="begin" x="${PLOT.left}" y="${HEIGHT - 8}">${dayAndMonth(period.from)}</text>
            <text class="end" x="${PLOT.right}" y="${HEIGHT - 8}">${dayAndMonth(period.to)}</text>
          </svg>
        </figure>`;
}

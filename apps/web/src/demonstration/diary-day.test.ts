import { expect, test } from "vitest";

import { day, plusDays } from "../diary/day.ts";
import { readDayForm } from "../diary/day-form-reader.ts";
import { MEASURES, measures, typedNumber } from "../diary/measures.ts";
import { demonstrationDay } from "./diary-day.ts";

const YEAR = Array.from({ length: 365 }, (_, index) => plusDays(day("2026-01-01"), index));
const entriesOf = (person: string) => YEAR.flatMap((date) => demonstrationDay(person, date) ?? []);
const valuesOf = (person: string, key: (typeof MEASURES)[number]): number[] => entriesOf(person).flatMap(({ values }) => values[key] ?? []);

test("the same person has the same day each time it is asked for", () => {
  expect(entriesOf("noor")).toEqual(entriesOf("noor"));
  expect(demonstrationDay("noor", day("2026-11-21"))).toEqual({ day: "2026-11-21", values: { weight: 71.5, steps: 7173, sleep: 7.6 } });
});

test("another person has other days", () => {
  expect(valuesOf("noor", "weight")).not.toEqual(valuesOf("sam", "weight"));
});

test("every day is one that a member could have typed into the form", () => {
  for (const { values } of entriesOf("noor")) {
    const typed = Object.fromEntries(MEASURES.map((key) => {
      const value = values[key];
      return [measures[key].field, value === undefined ? "" : typedNumber(measures[key], value)];
    }));
    expect(readDayForm(typed)).toEqual({ kind: "right", values });
  }
});

test.each(["noor", "sam"])("a year of %s looks like somebody's: most days, no jumps in weight, every mood but never one only", (person) => {
  expect(entriesOf(person).length).toBeGreaterThan(320);
  expect(entriesOf(person).length).toBeLessThan(365);
  const weights = valuesOf(person, "weight");
  const jumps = weights.slice(1).map((weight, index) => Math.abs(weight - (weights[index] ?? weight)));
  expect(Math.max(...jumps)).toBeLessThan(1.5);
  expect(Math.max(...weights) - Math.min(...weights)).toBeGreaterThan(2);
  expect(new Set(valuesOf(person, "mood")).size).toBeGreaterThanOrEqual(4);
});

import { expect, test } from "vitest";

import { measures, readNumber, showValue, typedNumber } from "./measures.ts";
import type { MeasureKey } from "./measures.ts";

test.each<[MeasureKey, string, number]>([
  ["weight", "82,4", 82.4],
  ["weight", " 82.4 ", 82.4],
  ["weight", "82,46", 82.5],
  ["weight", "82", 82],
  ["glucose", "6,1", 6.1],
  ["steps", "8123", 8123],
  ["steps", "8.123", 8123],
  ["steps", "12 345", 12_345],
  ["steps", "0", 0],
  ["sleep", "7,5", 7.5],
  ["sleep", "7:30", 7.5],
  ["sleep", "7:20", 7.3],
  ["mood", "5", 5],
])("as %s, %j is %d", (key, typed, value) => {
  expect(readNumber(measures[key], typed)).toEqual({ kind: "number", value });
});

test.each<[MeasureKey, string]>([
  ["weight", "veel"],
  ["weight", "82,4 kg"],
  ["weight", "-5"],
  ["weight", "1e2"],
  ["weight", "82,456"],
  ["weight", "7:30"],
  ["glucose", "6,,1"],
  ["steps", "8,5"],
  ["steps", "81.23"],
  ["sleep", "7:75"],
  ["mood", "goed"],
  ["mood", "4,5"],
])("as %s, %j is no number", (key, typed) => {
  expect(readNumber(measures[key], typed)).toEqual({ kind: "not-a-number" });
});

test.each<[MeasureKey, string]>([
  ["weight", "19,9"],
  ["weight", "400,1"],
  ["glucose", "0,9"],
  ["glucose", "50,1"],
  ["steps", "150001"],
  ["sleep", "24,1"],
  ["sleep", "24:30"],
  ["mood", "0"],
  ["mood", "6"],
])("as %s, %j can't be", (key, typed) => {
  expect(readNumber(measures[key], typed)).toEqual({ kind: "out-of-range" });
});

test("an empty field is no mistake", () => {
  expect(readNumber(measures.weight, "  ")).toEqual({ kind: "empty" });
});

test.each<[MeasureKey, number, string]>([
  ["weight", 82, "82,0 kg"],
  ["steps", 8123, "8.123 stappen"],
  ["sleep", 8, "8 uur"],
  ["sleep", 7.5, "7,5 uur"],
  ["mood", 4, "4 (goed)"],
])("as %s, %d is shown as %j", (key, value, shown) => {
  expect(showValue(measures[key], value)).toBe(shown);
});

test.each<[MeasureKey, number]>([
  ["weight", 82.4],
  ["glucose", 6],
  ["steps", 150_000],
  ["sleep", 7.5],
  ["mood", 1],
])("as %s, what a field is filled with for %d is read as the same number", (key, value) => {
  expect(readNumber(measures[key], typedNumber(measures[key], value))).toEqual({ kind: "number", value });
});

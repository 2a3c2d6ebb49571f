import { expect, test } from "vitest";

import { day, dayAt, daysBetween, isDay, longDay, plusDays, shortDay } from "./day.ts";

test.each(["2026-11-21", "2024-02-29", "2000-01-01"])("%s is a day", (text) => {
  expect(isDay(text)).toBe(true);
});

test.each(["2026-02-29", "2026-13-01", "1999-12-31", "21-11-2026", "2026-1-1", "2026-11-21T00:00", "", "../2026-11-21"])("%j is none", (text) => {
  expect(isDay(text)).toBe(false);
  expect(() => day(text)).toThrow(RangeError);
});

test.each([
  ["2026-11-21T22:59:59Z", "2026-11-21"],
  ["2026-11-21T23:00:00Z", "2026-11-22"],
  ["2026-07-01T21:59:59Z", "2026-07-01"],
  ["2026-07-01T22:00:00Z", "2026-07-02"],
])("at %s it is %s in the Netherlands, in winter and in summer", (moment, expected) => {
  expect(dayAt(Date.parse(moment))).toBe(expected);
});

test("days are counted over the end of a month, a leap day and the change of the clock", () => {
  expect(plusDays(day("2024-02-28"), 2)).toBe("2024-03-01");
  expect(plusDays(day("2026-03-28"), 2)).toBe("2026-03-30");
  expect(plusDays(day("2026-01-01"), -1)).toBe("2025-12-31");
  expect(daysBetween(day("2026-03-28"), day("2026-03-30"))).toBe(2);
});

test("counting back stops at the earliest day", () => {
  expect(plusDays(day("2000-01-05"), -30)).toBe("2000-01-01");
});

test("a day is written in Dutch", () => {
  expect(longDay(day("2026-11-21"))).toBe("zaterdag 21 november 2026");
  expect(shortDay(day("2026-11-21"))).toBe("za 21 nov");
});

import { expect, test } from "vitest";
import { nextRun } from "./schedule.ts";

test.each([
  ["before the hour, today", "2026-11-22T01:59:59.999Z", "2026-11-22T02:00:00.000Z"],
  ["at the hour, tomorrow: today's set is being made", "2026-11-22T02:00:00.000Z", "2026-11-23T02:00:00.000Z"],
  ["after it, tomorrow", "2026-12-31T14:00:00.000Z", "2027-01-01T02:00:00.000Z"],
  ["in the night in which clocks are put back, once", "2026-10-25T00:30:00.000Z", "2026-10-25T02:00:00.000Z"],
])("the next set is made %s", (_when, now, next) => {
  expect(nextRun(new Date(now), 2).toISOString()).toBe(next);
});

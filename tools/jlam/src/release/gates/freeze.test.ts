import { dates, weekend, weekly } from "@jlam/compose-dsl";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clockOf, freezeGate } from "./freeze.ts";

const timeZone = "Europe/Amsterdam";
const isClosed = (at: string, freezes = [weekend]): boolean => freezeGate({ freezes, timeZone }, new Date(at)).length > 0;

describe("the freeze over the weekend", () => {
  test.each([
    ["Friday 15:59 in winter", "2026-11-27T14:59:59Z", false],
    ["Friday 16:00 in winter", "2026-11-27T15:00:00Z", true],
    ["Friday 15:59 in summer", "2026-07-03T13:59:59Z", false],
    ["Friday 16:00 in summer", "2026-07-03T14:00:00Z", true],
    ["Saturday", "2026-11-28T10:00:00Z", true],
    ["Sunday at the hour that comes twice", "2026-10-25T01:30:00Z", true],
    ["Sunday at the hour that doesn't come", "2026-03-29T01:00:00Z", true],
    ["Monday 07:59 after the clock went back", "2026-10-26T06:59:59Z", true],
    ["Monday 08:00 after the clock went back", "2026-10-26T07:00:00Z", false],
    ["Monday 07:59 after the clock went forward", "2026-03-30T05:59:59Z", true],
    ["Monday 08:00 after the clock went forward", "2026-03-30T06:00:00Z", false],
    ["Tuesday", "2026-11-24T14:00:00Z", false],
  ])("%s: %s", (_, at, closed) => {
    expect(isClosed(at)).toBe(closed);
  });

  test("says why, and what the clock shows there", () => {
    expect(freezeGate({ freezes: [weekend], timeZone }, new Date("2026-07-03T14:00:00Z"))).toMatchObject([{ code: "freeze", message: "nothing is released from friday 16:00 to monday 08:00: nobody watches it over the weekend (it is Friday 16:00 in Europe/Amsterdam)" }]);
  });
});

test("a freeze within one day has an end as well", () => {
  const lunch = [weekly({ from: "tuesday 12:00", until: "tuesday 13:00", because: "lunch" })];
  expect(["2026-11-24T10:59:00Z", "2026-11-24T11:00:00Z", "2026-11-24T11:59:00Z", "2026-11-24T12:00:00Z"].map((at) => isClosed(at, lunch))).toEqual([false, true, true, false]);
});

test("a freeze of days begins and ends at midnight there, not in Greenwich", () => {
  const holidays = [dates({ from: "2026-12-24", until: "2027-01-01", because: "holidays" })];
  expect(["2026-12-23T22:59:59Z", "2026-12-23T23:00:00Z", "2027-01-01T22:59:59Z", "2027-01-01T23:00:00Z"].map((at) => isClosed(at, holidays))).toEqual([false, true, true, false]);
});

test.each(["friday 25:00", "freitag 16:00", "friday 16:60", "friday"])("the moment %j can't be written", (moment) => {
  // @ts-expect-error only what reads as a moment of the week compiles, and the others throw
  const from: Parameters<typeof weekly>[0]["from"] = moment;
  expect(() => weekly({ from, until: "monday 08:00", because: "" })).toThrow("is not a moment of the week");
});

test("every moment is either before, in or after the weekend by what the clock shows", () => {
  fc.assert(fc.property(fc.date({ min: new Date("2020-01-01"), max: new Date("2035-01-01"), noInvalidDate: true }), (at) => {
    const { weekday, time } = clockOf(at, timeZone);
    const expected = weekday === "Saturday" || weekday === "Sunday" || (weekday === "Friday" && time >= "16:00") || (weekday === "Monday" && time < "08:00");
    expect(isClosed(at.toISOString())).toBe(expected);
  }));
});

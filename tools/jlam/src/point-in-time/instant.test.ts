import { describe, expect, test } from "vitest";
import { instantInWords, readInstant } from "./instant.ts";

describe("an instant", () => {
  test.each([
    ["2026-11-20 14:03:00", "2026-11-20T13:03:00.000Z"],
    ["2026-07-01 14:03", "2026-07-01T12:03:00.000Z"],
    ["2026-11-20T14:03:00Z", "2026-11-20T14:03:00.000Z"],
    ["2026-11-20 14:03:00 UTC", "2026-11-20T14:03:00.000Z"],
    ["2026-11-20 14:03:00.250+05:00", "2026-11-20T09:03:00.250Z"],
  ])("%s is %s", (text, instant) => {
    expect(readInstant(text).toISOString()).toBe(instant);
  });

  test.each([
    ["2026-03-29 02:30:00", /clocks skipped/],
    ["2026-10-25 02:30:00", /clocks showed twice/],
    ["yesterday", /is no instant/],
    ["2026-13-20 14:03:00", /is no instant/],
  ])("%s is refused", (text, why) => {
    expect(() => readInstant(text)).toThrow(why);
  });

  test("is told in both zones, with the day where it differs", () => {
    expect(instantInWords(new Date("2026-11-20T13:03:00Z"))).toBe("2026-11-20 14:03:00 in Amsterdam (13:03:00 UTC)");
    expect(instantInWords(new Date("2026-11-20T23:30:00Z"))).toBe("2026-11-21 00:30:00 in Amsterdam (2026-11-20 23:30:00 UTC)");
  });
});

import { describe, expect, test } from "vitest";
import { instantInWords, instantsInWords, readInstant } from "./instant.ts";

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

test("a machine's instants are told in Amsterdam's time, and the rest of its words stay", () => {
  expect(instantsInWords("It begins at 2026-11-20T13:03:00.123Z; the set 2026-11-22T02-00-00-000Z is older than 2026-07-01T22:30:00Z.")).toBe(
    "It begins at 2026-11-20 14:03:00 in Amsterdam (13:03:00 UTC); the set 2026-11-22T02-00-00-000Z is older than 2026-07-02 00:30:00 in Amsterdam (2026-07-01 22:30:00 UTC).",
  );
});

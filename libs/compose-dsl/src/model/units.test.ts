import { describe, expect, it } from "vitest";
import { bytes, days, duration, gib, hours, kib, mib, milliseconds, minutes, seconds, type BytesText, type DurationText } from "./units.ts";

describe("duration", () => {
  it.each<[DurationText, number]>([["500ms", 500], ["30s", 30_000], ["1.5h", 5_400_000], ["2m", 120_000], ["7d", 604_800_000], ["0s", 0]])("reads %s as %d ms", (text, ms) => {
    expect(duration(text)).toEqual({ ms });
  });

  it("takes a value as it is", () => {
    expect(duration(seconds(30))).toEqual({ ms: 30_000 });
  });

  it("isn't thrown off by floating point", () => {
    expect(duration("2.3s")).toEqual({ ms: 2300 });
  });

  it("refuses less than a millisecond", () => {
    expect(() => duration("0.5ms")).toThrow(/whole milliseconds, not 0\.5/);
  });

  it.each(["30 s", "30", "s", "1e3s", "-1s", "0x10s", " 1s"])("refuses %j, and shows how to write it", (text) => {
    expect(() => duration(text as DurationText)).toThrow(new RangeError(`"${text}" is not a duration: write a number and ms, s, m, h or d, such as "30s"`));
  });
});

describe("bytes", () => {
  it.each<[BytesText, number]>([["1K", 1024], ["512M", 536_870_912], ["1.5G", 1_610_612_736], ["1T", 1_099_511_627_776]])("reads %s as %d bytes", (text, amount) => {
    expect(bytes(text)).toEqual({ bytes: amount });
  });

  it("rounds to whole bytes, since nobody can have a part of one", () => {
    expect(bytes("1.1G")).toEqual({ bytes: 1_181_116_006 });
  });

  it.each(["512m", "512MB", "512", "M", "-1M"])("refuses %j, and shows how to write it", (text) => {
    expect(() => bytes(text as BytesText)).toThrow(/is not a size: write a number and K, M, G or T, such as "512M"/);
  });
});

describe("constructors of units", () => {
  it("agree with the texts", () => {
    expect([milliseconds(5), seconds(5), minutes(5), hours(5), days(5)]).toEqual((["5ms", "5s", "5m", "5h", "5d"] as const).map(duration));
    expect([kib(5), mib(5), gib(5)]).toEqual((["5K", "5M", "5G"] as const).map(bytes));
  });

  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY])("refuse %d", (value) => {
    expect(() => seconds(value)).toThrow(RangeError);
    expect(() => mib(value)).toThrow(RangeError);
  });
});

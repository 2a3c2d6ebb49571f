import { describe, expect, test } from "vitest";
import { endOf, nextSegment, positionOf, readRecordKey, segmentAt, segmentKey, segmentRecordKey } from "./names.ts";

describe("segments", () => {
  test.each([
    ["0/2000028", "000000010000000000000002"],
    ["0/FF000000", "0000000100000000000000FF"],
    ["1/0", "000000010000000100000000"],
    ["2A/12345678", "000000010000002A00000012"],
  ])("the position %s is in %s", (lsn, name) => {
    expect(segmentAt(1, positionOf(lsn))).toBe(name);
  });

  test("follow each other across the border of a file of 4 GB", () => {
    expect(nextSegment("0000000100000000000000FF")).toBe("000000010000000100000000");
    expect(endOf("0000000100000000000000FF")).toBe(positionOf("1/0"));
  });

  test("what is no position is refused", () => {
    expect(() => positionOf("nowhere")).toThrow(RangeError);
  });
});

test("a record's key says what it is of; an object's is none", () => {
  const place = { database: "postgres-app", system: "7710967198762426391" };
  expect(readRecordKey(segmentRecordKey(place, "000000010000000000000002"))).toEqual({ place, of: "segment", name: "000000010000000000000002" });
  expect(readRecordKey(segmentKey(place, "000000010000000000000002"))).toBeUndefined();
});

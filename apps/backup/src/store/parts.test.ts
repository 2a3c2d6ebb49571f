import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mostParts, planParts } from "./parts.ts";

describe("the parts of an upload", () => {
  test("are few enough, and fit into the memory, up to 80 GB", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 80e9 }), (estimate) => {
        const { partBytes, slots } = planParts(estimate);
        expect(Math.ceil((estimate * 1.5) / partBytes)).toBeLessThanOrEqual(mostParts);
        expect(partBytes * slots).toBeLessThanOrEqual(128 * 1024 ** 2);
        expect(partBytes).toBeGreaterThanOrEqual(5 * 1024 ** 2);
      }),
    );
  });

  test("would be too many beyond that, and the engine says so before it dumps anything", () => {
    expect(() => planParts(90e9)).toThrow(/About 90 GB don't fit into 1000 parts/);
  });
});

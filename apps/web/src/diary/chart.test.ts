import fc from "fast-check";
import { expect, test } from "vitest";

import { PLOT, chartOf } from "./chart.ts";

test("the oldest day stands left and the newest right, the least below and the most above", () => {
  const { points } = chartOf({ kind: "line", days: 7, values: [{ index: 0, value: 80 }, { index: 6, value: 84 }] });
  expect(points.map(({ x }) => x)).toEqual([63.1, 292.9]);
  expect(points.map(({ y }) => y)).toEqual([PLOT.bottom, PLOT.top]);
});

test("the scale has round numbers that hold all values", () => {
  const { ticks } = chartOf({ kind: "line", days: 30, values: [{ index: 3, value: 81.3 }, { index: 4, value: 83.8 }] });
  expect(ticks.map(({ value }) => value)).toEqual([81, 82, 83, 84]);
});

test("amounts begin at zero, so that a bar twice as high is twice as much", () => {
  const { points, baseline, ticks } = chartOf({ kind: "bars", days: 7, values: [{ index: 0, value: 4000 }, { index: 1, value: 8000 }] });
  expect(ticks.map(({ value }) => value)).toEqual([0, 2000, 4000, 6000, 8000]);
  const [half, whole] = points.map(({ y }) => baseline - y);
  expect(half).toBeCloseTo((whole ?? 0) / 2);
});

test("a mood has its own scale, whatever the moods were", () => {
  const { ticks } = chartOf({ kind: "line", days: 7, values: [{ index: 0, value: 3 }], scale: { from: 1, to: 5 } });
  expect(ticks.map(({ value }) => value)).toEqual([1, 2, 3, 4, 5]);
});

const inputs = fc.record({
  kind: fc.constantFrom("line" as const, "bars" as const),
  days: fc.constantFrom(7, 30, 90),
  values: fc.array(fc.record({ index: fc.nat(6), value: fc.double({ min: 0, max: 150_000, noNaN: true }) }), { minLength: 1, maxLength: 20 }),
});

test("whatever the values, everything stands inside the picture, in order, with two to six numbers on the scale", () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const { points, ticks } = chartOf(input);
      for (const { x, y } of points) {
        expect(x).toBeGreaterThanOrEqual(PLOT.left);
        expect(x).toBeLessThanOrEqual(PLOT.right);
        expect(y).toBeGreaterThanOrEqual(PLOT.top);
        expect(y).toBeLessThanOrEqual(PLOT.bottom);
      }
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expect(ticks.length).toBeLessThanOrEqual(6);
      expect(ticks.map(({ value }) => value)).toEqual(ticks.map(({ value }) => value).toSorted((a, b) => a - b));
    }),
  );
});

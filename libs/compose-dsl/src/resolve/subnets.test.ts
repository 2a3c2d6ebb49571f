import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allocateSubnets, overlaps, parseRange, placesIn, type AddressRange } from "./subnets.ts";

function range(text: string): AddressRange {
  const parsed = parseRange(text);
  if (!parsed) throw new Error(`${text} is no range`);
  return parsed;
}

const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 20 }), { maxLength: 200 });
const wide = range("10.128.0.0/12");

describe("parseRange", () => {
  it("reads first address and size", () => {
    expect(parseRange("10.128.0.0/12")).toEqual({ first: 10 * 2 ** 24 + 128 * 2 ** 16, size: 2 ** 20 });
  });

  it.each(["", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/29", "10.0.0.1/12", "256.0.0.0/8", "10.0.0/8", "fd00::/8", "10.0.0.0/8 "])("refuses %j", (text) => {
    expect(parseRange(text)).toBeUndefined();
  });
});

describe("overlaps", () => {
  it("sees a range inside another", () => {
    expect(overlaps(range("10.0.0.0/8"), wide)).toBe(true);
  });

  it("lets neighbours pass", () => {
    expect(overlaps(range("10.128.0.0/12"), range("10.144.0.0/12"))).toBe(false);
  });
});

describe("allocateSubnets", () => {
  it("gives each name a subnet of its own, inside the range", () => {
    fc.assert(
      fc.property(names, (some) => {
        const subnets = allocateSubnets(wide, some);
        expect([...subnets.keys()].toSorted()).toEqual(some.toSorted());
        expect(new Set(subnets.values()).size).toBe(some.length);
        for (const subnet of subnets.values()) {
          const { first, size } = range(subnet);
          expect(first >= wide.first && first + size <= wide.first + wide.size).toBe(true);
        }
      }),
    );
  });

  it("doesn't depend on the order of the names", () => {
    fc.assert(
      fc.property(names, (some) => {
        expect(allocateSubnets(wide, some.toReversed())).toEqual(allocateSubnets(wide, some));
      }),
    );
  });

  it("leaves the others where they are when one is added, but for those that it pushes along", () => {
    fc.assert(
      fc.property(names, fc.string({ minLength: 1 }), (some, added) => {
        const before = allocateSubnets(wide, some);
        const after = allocateSubnets(wide, [...some, added].filter((name, index, all) => all.indexOf(name) === index));
        const moved = some.filter((name) => before.get(name) !== after.get(name));
        // Each that moved was pushed to its next place by a name that now has its old one.
        for (const name of moved) expect([...after.values()]).toContain(before.get(name));
      }),
    );
  });

  it("moves nobody in a set without collisions", () => {
    const some = ["web--postgres-app", "web--redis-sessions", "traefik--web"];
    const before = allocateSubnets(wide, some);
    const after = allocateSubnets(wide, [...some, "prometheus--web"]);
    for (const name of some) expect(after.get(name)).toBe(before.get(name));
  });

  it("fills a range to its last place", () => {
    const small = range("10.0.0.0/26");
    expect(placesIn(small)).toBe(4);
    expect(new Set(allocateSubnets(small, ["a", "b", "c", "d"]).values())).toEqual(new Set(["10.0.0.0/28", "10.0.0.16/28", "10.0.0.32/28", "10.0.0.48/28"]));
  });

  it("refuses more names than there are places", () => {
    expect(() => allocateSubnets(range("10.0.0.0/28"), ["a", "b"])).toThrow(/2 networks need more than the 1 places/);
  });
});

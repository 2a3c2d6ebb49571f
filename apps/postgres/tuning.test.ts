import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { connectionLimits, superuserConnections } from "./roles.ts";
import { asArguments, planMemory, tune, worstCase } from "./tuning.ts";

const MiB = 1024 * 1024;
const limits = fc.record({
  memoryBytes: fc.integer({ min: 128, max: 64 * 1024 }).map((mebibytes) => mebibytes * MiB),
  cpus: fc.double({ min: 0.1, max: 64, noNaN: true }),
});

const valueOf = (memoryMiB: number, key: string): string | undefined =>
  tune({ memoryBytes: memoryMiB * MiB, cpus: 2 }).find((setting) => setting.key === key)?.value;

describe("dividing the memory limit", () => {
  test("all connections, workers and maintenance at once stay within any limit from 128 MiB to 64 GiB", () => {
    fc.assert(fc.property(limits, (given) => {
      expect(worstCase(planMemory(given))).toBeLessThanOrEqual(given.memoryBytes);
    }), { numRuns: 1000 });
  });

  test("more memory never means smaller buffers or fewer connections", () => {
    fc.assert(fc.property(limits, fc.integer({ min: 1, max: 4096 }), (given, more) => {
      const smaller = planMemory(given);
      const larger = planMemory({ ...given, memoryBytes: given.memoryBytes + more * MiB });
      expect(larger.sharedBuffers).toBeGreaterThanOrEqual(smaller.sharedBuffers);
      expect(larger.maxConnections).toBeGreaterThanOrEqual(smaller.maxConnections);
    }));
  });

  test("a daily role at its limit leaves connections for the other roles and the superuser", () => {
    fc.assert(fc.property(limits, (given) => {
      const { maxConnections } = planMemory(given);
      const { application, monitoring, backup } = connectionLimits(maxConnections);
      expect(application).toBeGreaterThan(0);
      expect(maxConnections - application - monitoring - backup - superuserConnections).toBeGreaterThan(0);
    }));
  });

  test("half a gibibyte gets a quarter of it as shared buffers", () => {
    expect(valueOf(512, "shared_buffers")).toBe("128MB");
  });

  test("a container below 128 MiB is refused with its size", () => {
    expect(() => planMemory({ memoryBytes: 100 * MiB, cpus: 1 })).toThrow("at least 128 MiB; this one is 100 MiB");
  });

  test("a container without a processor is refused", () => {
    expect(() => planMemory({ memoryBytes: 512 * MiB, cpus: 0 })).toThrow("part of a processor");
  });
});

describe("writing the settings", () => {
  test("arguments alternate between -c and key=value", () => {
    expect(asArguments([{ key: "work_mem", value: "4MB", why: "" }, { key: "timezone", value: "UTC", why: "" }])).toEqual([
      "-c", "work_mem=4MB", "-c", "timezone=UTC",
    ]);
  });

  test("no setting is given twice", () => {
    const keys = tune({ memoryBytes: 512 * MiB, cpus: 1 }).map((setting) => setting.key);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

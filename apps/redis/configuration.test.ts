import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { accessList } from "./access-list.ts";
import { dataBytes, redisConfiguration } from "./configuration.ts";

const MiB = 1024 * 1024;
const options = { memoryBytes: 128 * MiB, accessListFile: "/run/secrets/ACCESS_LIST", port: 6379 } as const;

describe("the configuration of Redis", () => {
  test("data leaves room in any memory limit, and more room where a file is rewritten", () => {
    fc.assert(fc.property(fc.integer({ min: 32, max: 65_536 }), (mebibytes) => {
      const limit = mebibytes * MiB;
      expect(dataBytes(limit, "none")).toBeLessThanOrEqual(limit * 0.75);
      expect(dataBytes(limit, "append-only")).toBeLessThanOrEqual(limit * 0.5);
      expect(dataBytes(limit, "append-only")).toBeGreaterThan(0);
    }));
  });

  test("data that must survive is appended to a file, other data is not", () => {
    expect(redisConfiguration({ ...options, persistence: "append-only" })).toContain("\nappendonly yes\n");
    expect(redisConfiguration({ ...options, persistence: "none" })).toContain("\nappendonly no\n");
  });

  test("too small a container is refused with its size", () => {
    expect(() => redisConfiguration({ ...options, memoryBytes: 16 * MiB, persistence: "none" })).toThrow("at least 32 MiB; this one is 16 MiB");
  });
});

describe("the access list", () => {
  const passwords = { application: "the-applications-password", monitoring: "the-monitors-password-xx" };

  test("holds hashes and no password", () => {
    const list = accessList(passwords);
    expect(list).toMatch(/^user application reset on #[0-9a-f]{64} ~\* -@all /m);
    expect(list).not.toContain(passwords.application);
    expect(list).not.toContain(passwords.monitoring);
  });

  test("a short password is refused without being shown", () => {
    expect(() => accessList({ ...passwords, monitoring: "hunter2" })).toThrow(/^(?!.*hunter2).*monitoring has 7 characters/);
  });
});

import { setTimeout as sleep } from "node:timers/promises";

import { expect, test } from "vitest";

import { createLogger } from "../logging.ts";
import { createReadiness } from "./readiness.ts";

const silent = createLogger({ level: "silent", service: "web", environment: "test" });

test("one failing check makes it not ready and is named", async () => {
  const readiness = createReadiness({ database: async () => undefined, sessions: () => Promise.reject(new Error("down")) }, silent);
  expect(await readiness()).toEqual({ ready: false, checks: { database: "ok", sessions: "failed" } });
});

test("checks that hang end together after two seconds, and are told so", async () => {
  let told = 0;
  const hang = async (signal: AbortSignal): Promise<void> => {
    await sleep(60_000, undefined, { signal }).catch(() => { told += 1; });
    await new Promise(() => undefined);
  };
  const readiness = createReadiness({ database: hang, sessions: hang }, silent);
  const start = performance.now();
  expect((await readiness()).ready).toBe(false);
  const duration = performance.now() - start;
  expect(duration).toBeGreaterThan(1_900);
  expect(duration).toBeLessThan(3_500);
  expect(told).toBe(2);
});

test("callers at the same time, and shortly after, share one check", async () => {
  let asked = 0;
  const readiness = createReadiness({ database: async () => { asked += 1; } }, silent);
  await Promise.all([readiness(), readiness(), readiness()]);
  await readiness();
  expect(asked).toBe(1);
  await sleep(1_050);
  await readiness();
  expect(asked).toBe(2);
});

import { setTimeout as sleep } from "node:timers/promises";

import { expect, test } from "vitest";

import { TimeLimitReached, withTimeLimit } from "./time-limit.ts";

test("work that ends in time gives its result", async () => {
  expect(await withTimeLimit(1_000, async () => "done")).toBe("done");
});

test("work that takes too long is told to stop, and its caller doesn't wait for that", async () => {
  let told: unknown;
  const work = withTimeLimit(20, async (signal) => {
    await sleep(60_000, undefined, { signal, ref: false }).catch(() => undefined);
    told = signal.reason;
    await sleep(60_000, undefined, { ref: false });
  });
  await expect(work).rejects.toBeInstanceOf(TimeLimitReached);
  await sleep(0);
  expect(told).toBeInstanceOf(TimeLimitReached);
});

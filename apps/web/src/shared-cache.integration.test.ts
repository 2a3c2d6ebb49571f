import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";

import { createLogger } from "./logging.ts";
import { openSessionsClient } from "./sessions/connection.ts";
import type { SessionsClient } from "./sessions/connection.ts";
import { createSharedValue } from "./shared-cache.ts";
import { makeSecretFiles, redisImage, startRedis } from "./testing/containers.ts";
import type { TestRedis } from "./testing/containers.ts";

const image = await redisImage();
const logger = createLogger({ level: "silent", service: "web", environment: "test" });
const schema = z.object({ members: z.number() }).nullable();

describe.skipIf(image === undefined)("values that processes share (needs an image of redis)", () => {
  let secrets: Awaited<ReturnType<typeof makeSecretFiles>>;
  let redis: TestRedis;
  let client: SessionsClient;

  beforeAll(async () => {
    secrets = await makeSecretFiles();
    redis = await startRedis(image ?? "", secrets);
    client = await openSessionsClient(redis.settings, logger);
    await vi.waitFor(() => expect(client.isReady).toBe(true));
  }, 60_000);

  afterAll(async () => {
    client.destroy();
    await redis.container.stop();
    await secrets.remove();
  });

  beforeEach(async () => {
    await redis.command("flushall");
  });

  /** A value that says how often it was read. */
  function shared(over: SessionsClient = client, life = 60) {
    let members = 0;
    return createSharedValue(over, { name: "counts", schema, life, read: async () => ({ members: (members += 1) }) }, logger);
  }

  test("a value is read once for all processes, and again when its life has ended", async () => {
    const [one, two] = [shared(client, 1), shared(client, 1)];
    expect(await one()).toEqual({ members: 1 });
    expect(await one()).toEqual({ members: 1 });
    expect(await two()).toEqual({ members: 1 });
    await sleep(1_200);
    expect(await one()).toEqual({ members: 2 });
  });

  test("nothing is a value too, and is not asked for again", async () => {
    let reads = 0;
    const nothing = createSharedValue(client, { name: "message", schema, life: 60, read: async () => { reads += 1; return null; } }, logger);
    expect([await nothing(), await nothing()]).toEqual([null, null]);
    expect(reads).toBe(1);
  });

  test.each(["{", '{"members":"many"}', "17"])("what another release or a hand left there (%s) is read anew and replaced", async (left) => {
    await redis.command("set", "cache:counts", left);
    const value = shared();
    expect(await value()).toEqual({ members: 1 });
    expect(await redis.command("get", "cache:counts")).toBe('{"members":1}');
  });

  test("it never stays for ever", async () => {
    await shared()();
    expect(Number(await redis.command("ttl", "cache:counts"))).toBeGreaterThan(0);
  });

  test("without Redis every question is answered from the source, and soon", async () => {
    const away = await openSessionsClient({ ...redis.settings, port: 1 }, logger);
    const value = shared(away);
    const begin = performance.now();
    expect([await value(), await value()]).toEqual([{ members: 1 }, { members: 2 }]);
    expect(performance.now() - begin).toBeLessThan(2_000);
    away.destroy();
  });

  test("a source that fails is not remembered", async () => {
    let fails = true;
    const read = () => (fails ? Promise.reject(new Error("the database is away")) : Promise.resolve({ members: 3 }));
    const value = createSharedValue(client, { name: "failing", schema, life: 60, read }, logger);
    await expect(value()).rejects.toThrow("away");
    fails = false;
    expect(await value()).toEqual({ members: 3 });
  });
});

import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { createLogger } from "../logging.ts";
import { makeSecretFiles, redisImage, startRedis } from "../testing/containers.ts";
import type { TestRedis } from "../testing/containers.ts";
import { openSessionsClient } from "./connection.ts";
import type { SessionsClient } from "./connection.ts";
import { createSessionStore } from "./store.ts";

const image = await redisImage();
const key = randomBytes(32);
const LARGE = { display: { textSize: "large", contrast: "normal" } } as const;
const HIGH = { display: { textSize: "normal", contrast: "high" } } as const;

describe.skipIf(image === undefined)("sessions in Redis (needs an image of redis)", () => {
  let secrets: Awaited<ReturnType<typeof makeSecretFiles>>;
  let redis: TestRedis;
  let client: SessionsClient;

  beforeAll(async () => {
    secrets = await makeSecretFiles();
    redis = await startRedis(image ?? "", secrets);
    client = await openSessionsClient(redis.settings, createLogger({ level: "silent", service: "web", environment: "test" }));
    await vi.waitFor(() => expect(client.isReady).toBe(true));
  }, 60_000);

  afterAll(async () => {
    client.destroy();
    await redis.container.stop();
    await secrets.remove();
  });

  test("a session gives back what was put into it", async () => {
    const store = createSessionStore(client, key);
    const { id } = await store.begin(LARGE);
    expect(await store.read(id)).toEqual({ id, data: LARGE });
  });

  test("ids are 256 random bits, and Redis never sees one", async () => {
    const store = createSessionStore(client, key);
    const { id } = await store.begin(LARGE);
    expect(Buffer.from(id, "base64url")).toHaveLength(32);
    expect(await redis.command("keys", "*")).not.toContain(id);
    expect(await redis.command("keys", "session:*")).toContain("session:");
  });

  test("what Redis holds opens no session, neither as it is nor under another key", async () => {
    const store = createSessionStore(client, key);
    const { id } = await store.begin(LARGE);
    const stored = (await redis.command("keys", "session:*")).split("\n").map((name) => name.replace("session:", ""));
    for (const guess of stored) expect(await store.read(guess.trim())).toBeUndefined();
    expect(await createSessionStore(client, randomBytes(32)).read(id)).toBeUndefined();
  });

  test("a session ends when it is idle too long, and reading keeps it alive", async () => {
    const store = createSessionStore(client, key, { idle: 2, absolute: 600 });
    const [idle, busy] = [await store.begin(LARGE), await store.begin(LARGE)];
    await sleep(1_200);
    expect(await store.read(busy.id)).toBeDefined();
    await sleep(1_200);
    expect(await store.read(busy.id)).toBeDefined();
    expect(await store.read(idle.id)).toBeUndefined();
  });

  test("a session ends at its absolute limit however busy it is, and is gone from Redis then", async () => {
    let now = Date.now();
    const store = createSessionStore(client, key, { idle: 600, absolute: 3_600 }, () => now);
    const session = await store.begin(LARGE);
    now += 3_599_000;
    expect(await store.change(session, HIGH)).toEqual({ id: session.id, data: HIGH });
    now += 1_000;
    expect(await store.read(session.id)).toBeUndefined();
    now -= 1_000;
    expect(await store.read(session.id)).toBeUndefined();
  });

  test("after rotation only the new id is good, and the session starts a new life", async () => {
    let now = Date.now();
    const store = createSessionStore(client, key, { idle: 600, absolute: 3_600 }, () => now);
    const before = await store.begin(LARGE);
    now += 3_000_000;
    const after = await store.rotate(before, HIGH);
    now += 3_000_000;
    expect(after?.id).not.toBe(before.id);
    expect(await store.read(before.id)).toBeUndefined();
    expect((await store.read(after?.id ?? ""))?.data).toEqual(HIGH);
  });

  test("of two rotations at once only one wins", async () => {
    const store = createSessionStore(client, key);
    const session = await store.begin(LARGE);
    const results = await Promise.all([store.rotate(session, HIGH), store.rotate(session, HIGH)]);
    expect(results.filter((result) => result !== undefined)).toHaveLength(1);
  });

  test("a late change doesn't bring an ended session back", async () => {
    const store = createSessionStore(client, key);
    const session = await store.begin(LARGE);
    await store.end(session.id);
    expect(await store.change(session, HIGH)).toBeUndefined();
    expect(await store.read(session.id)).toBeUndefined();
  });

  test("fields of a newer release survive a change by this one", async () => {
    const store = createSessionStore(client, key);
    const session = await store.begin({ ...LARGE, later: "future" });
    const read = await store.read(session.id);
    await store.change(session, { ...read?.data, ...HIGH });
    expect((await store.read(session.id))?.data).toEqual({ ...HIGH, later: "future" });
  });

  test("an id that could not be ours is not even looked up", async () => {
    const store = createSessionStore(client, key);
    expect(await store.read("../../etc/passwd")).toBeUndefined();
    expect(await store.read("")).toBeUndefined();
  });
});

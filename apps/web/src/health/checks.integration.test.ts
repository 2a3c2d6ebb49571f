import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { getContainerRuntimeClient } from "testcontainers";

import { checkDatabase, openDatabase } from "../database/connection.ts";
import { createLogger } from "../logging.ts";
import { checkSessions } from "../sessions/connection.ts";
import { makeSecretFiles, postgresImage, redisImage, startPostgres, startRedis } from "../testing/containers.ts";
import type { TestDatabase, TestRedis } from "../testing/containers.ts";
import { createReadiness } from "./readiness.ts";

const [postgres, redisName] = [await postgresImage(), await redisImage()];
const logger = createLogger({ level: "silent", service: "web", environment: "test" });
const never = new AbortController().signal;

describe.skipIf(postgres === undefined || redisName === undefined)("checks of real databases (needs images of postgres and redis)", () => {
  let secrets: Awaited<ReturnType<typeof makeSecretFiles>>;
  let server: TestDatabase;
  let redis: TestRedis;

  beforeAll(async () => {
    secrets = await makeSecretFiles();
    [server, redis] = await Promise.all([startPostgres(postgres ?? "", secrets), startRedis(redisName ?? "", secrets)]);
  }, 60_000);

  afterAll(async () => {
    await Promise.all([server.container.stop(), redis.container.stop()]);
    await secrets.remove();
  });

  const readiness = () =>
    createReadiness(
      {
        database: (signal) => checkDatabase(server.application, signal),
        sessions: (signal) => checkSessions(redis.settings, signal),
      },
      logger,
    );

  async function paused(containerId: string): Promise<{ resume(): Promise<void> }> {
    const { container } = await getContainerRuntimeClient();
    const target = container.getById(containerId);
    await target.pause();
    let isPaused = true;
    const resume = async (): Promise<void> => {
      if (isPaused) await target.unpause();
      isPaused = false;
    };
    onTestFinished(resume);
    return { resume };
  }

  test("both answer", async () => {
    expect(await readiness()()).toEqual({ ready: true, checks: { database: "ok", sessions: "ok" } });
  });

  test("a paused PostgreSQL fails within the limit, leaves no connection behind, and recovers", async () => {
    const pause = await paused(server.container.getId());
    const start = performance.now();
    expect(await readiness()()).toEqual({ ready: false, checks: { database: "failed", sessions: "ok" } });
    expect(performance.now() - start).toBeLessThan(3_500);
    await pause.resume();
    expect((await readiness()()).ready).toBe(true);
    await expect
      .poll(() => server.sql("select 1 from pg_stat_activity where application_name = 'web-readiness'"), { timeout: 5_000 })
      .toEqual([]);
  }, 20_000);

  test("a paused Redis fails within the limit, leaves no connection behind, and recovers", async () => {
    const pause = await paused(redis.container.getId());
    const start = performance.now();
    expect(await readiness()()).toEqual({ ready: false, checks: { database: "ok", sessions: "failed" } });
    expect(performance.now() - start).toBeLessThan(3_500);
    await pause.resume();
    expect((await readiness()()).ready).toBe(true);
    // redis-cli's own connection is the only one left.
    await expect.poll(() => redis.command("client", "list"), { timeout: 5_000 }).toMatch(/^id=\d+ [^\n]*cmd=client\|list[^\n]*$/);
  }, 20_000);

  test("a rotated password is taken from its file for the next connection, without a restart", async () => {
    const database = await openDatabase(server.application, logger);
    onTestFinished(() => database.destroy());
    await server.sql("alter role app_application password 'rotated-password'");
    await expect(checkDatabase(server.application, never)).rejects.toThrow("password authentication failed");
    await secrets.write("app_application", "rotated-password");
    await expect(checkDatabase(server.application, never)).resolves.toBeUndefined();
  });

  test("verify-full never falls back to an unencrypted connection", async () => {
    await expect(checkDatabase({ ...server.application, tls: "verify-full" }, never)).rejects.toThrow("does not support SSL");
    await expect(checkSessions({ ...redis.settings, tls: "verify-full" }, AbortSignal.timeout(1_500))).rejects.toThrow();
  });

  test("a wrong password of Redis is told, not waited for", async () => {
    const passwordFile = await secrets.write("wrong", "wrong");
    await expect(checkSessions({ ...redis.settings, passwordFile }, never)).rejects.toThrow("WRONGPASS");
  });
});

import { sql } from "kysely";
import type { Kysely } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createLogger } from "../logging.ts";
import { makeSecretFiles, postgresImage, startPostgres } from "../testing/containers.ts";
import type { TestDatabase } from "../testing/containers.ts";
import { openDatabase } from "./connection.ts";
import type { Tables } from "./tables.ts";

const image = await postgresImage();
const logger = createLogger({ level: "silent", service: "web", environment: "test" });

describe.skipIf(image === undefined)("the connections of the application (needs an image of postgres)", () => {
  let secrets: Awaited<ReturnType<typeof makeSecretFiles>>;
  let server: TestDatabase;
  let database: Kysely<Tables>;

  beforeAll(async () => {
    secrets = await makeSecretFiles();
    server = await startPostgres(image ?? "", secrets);
    database = await openDatabase(server.application, logger);
  }, 60_000);

  afterAll(async () => {
    await database.destroy();
    await server.container.stop();
    await secrets.remove();
  });

  const sleepFor = (seconds: number) => sql`select pg_sleep(${seconds})`.execute(database);
  const connections = async () => (await server.sql("select 1 from pg_stat_activity where usename = 'app_application'")).length;

  test("PostgreSQL ends a statement after five seconds, and the connection goes on", async () => {
    const begin = performance.now();
    await expect(sleepFor(30)).rejects.toMatchObject({ code: "57014" });
    const took = performance.now() - begin;
    expect(took).toBeGreaterThan(4_500);
    expect(took).toBeLessThan(6_000);
    const running = await server.sql("select 1 from pg_stat_activity where query like '%pg_sleep%' and state = 'active' and pid <> pg_backend_pid()");
    expect(running).toEqual([]);
    expect((await sql`select 1 as one`.execute(database)).rows).toEqual([{ one: 1 }]);
  });

  test("a transaction that does nothing is ended after ten seconds, holds no lock for longer, and doesn't end the program", async () => {
    const idle = database.transaction().execute(async (transaction) => {
      await sql`select pg_advisory_xact_lock(7)`.execute(transaction);
      await new Promise((resolve) => setTimeout(resolve, 11_500));
      await sql`select 1`.execute(transaction);
    });
    await expect(idle).rejects.toThrow();
    expect(await server.sql("select 1 from pg_locks where locktype = 'advisory'")).toEqual([]);
  }, 30_000);

  test("ten connections at most: the next one waits two seconds and is then told no", async () => {
    const busy = Array.from({ length: 10 }, () => sleepFor(4));
    const begin = performance.now();
    await expect(sleepFor(0)).rejects.toThrow("timeout exceeded when trying to connect");
    expect(performance.now() - begin).toBeGreaterThan(1_800);
    expect(performance.now() - begin).toBeLessThan(3_500);
    expect(await connections()).toBe(10);
    await Promise.all(busy);
    await sleepFor(0);
  }, 30_000);
});

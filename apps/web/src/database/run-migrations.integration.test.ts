import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";

import { createLogger } from "../logging.ts";
import type { DatabaseSettings } from "../settings/database-settings.ts";
import { makeSecretFiles, postgresImage, startPostgres } from "../testing/containers.ts";
import type { TestDatabase } from "../testing/containers.ts";
import { connectionOptions } from "./connection.ts";
import type { Migration } from "./migration.ts";
import { migrations } from "./migrations/index.ts";
import { runMigrations } from "./run-migrations.ts";

const image = await postgresImage();
const logger = createLogger({ level: "silent", service: "web", environment: "test" });
const ALL = { until: "all", lockLimit: 20_000 } as const;
const EXPAND = { until: "expand", lockLimit: 20_000 } as const;

const step = (number: number, phase: Migration["phase"], statement: string, name = `step-${number}`): Migration => ({
  number,
  name,
  phase,
  up: async (transaction) => void (await sql.raw(statement).execute(transaction)),
});

describe.skipIf(image === undefined)("migrations of PostgreSQL (needs an image of postgres)", () => {
  let secrets: Awaited<ReturnType<typeof makeSecretFiles>>;
  let server: TestDatabase;

  beforeAll(async () => {
    secrets = await makeSecretFiles();
    server = await startPostgres(image ?? "", secrets);
  }, 60_000);

  afterEach(async () => {
    await server.sql("drop owned by app_owner cascade");
    await server.sql("grant usage, create on schema public to app_owner");
    await server.sql(
      "alter default privileges for role app_owner in schema public grant select, insert, update, delete on tables to app_application",
    );
  });

  afterAll(async () => {
    await server.container.stop();
    await secrets.remove();
  });

  async function asOwner(): Promise<Kysely<unknown>> {
    const pool = new pg.Pool({ ...(await connectionOptions(server.owner)), max: 1 });
    const database = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
    onTestFinished(() => database.destroy());
    return database;
  }

  function migrate(settings: DatabaseSettings): Promise<{ readonly code: number | null; readonly output: string }> {
    const program = fileURLToPath(new URL("../migrate.ts", import.meta.url));
    const env = {
      ENVIRONMENT: "test",
      DATABASE_HOST: settings.host,
      DATABASE_PORT: String(settings.port),
      DATABASE_NAME: settings.name,
      DATABASE_USER: settings.user,
      DATABASE_PASSWORD_FILE: settings.passwordFile,
      DATABASE_TLS: settings.tls,
    };
    return new Promise((resolve) => {
      const child = execFile(process.execPath, [program], { env }, (_error, out, err) => {
        resolve({ code: child.exitCode, output: out + err });
      });
    });
  }

  const recorded = () => server.sql("select number, name, phase from schema_migration order by number");

  test("the program applies every step once, and a second run has nothing to do", async () => {
    expect((await migrate(server.owner)).code).toBe(0);
    const { code, output } = await migrate(server.owner);
    expect(code).toBe(0);
    expect(output).toContain('"applied":0');
    expect(await recorded()).toEqual(migrations.map(({ number, name, phase }) => ({ number, name, phase })));
  });

  test("the application's role may read and write the tables, but not change them", async () => {
    await runMigrations(await asOwner(), migrations, ALL, logger);
    const client = new pg.Client(await connectionOptions(server.application));
    await client.connect();
    onTestFinished(() => client.end());
    await client.query("insert into site_message (kind, message, ends_at) values ('notice', 'Hallo', now() + interval '1 hour')");
    expect((await client.query("select message from site_message")).rows).toEqual([{ message: "Hallo" }]);
    await expect(client.query("alter table site_message add column x text")).rejects.toThrow("must be owner");
  });

  test("of two at once the second waits for the first and applies nothing", async () => {
    const slow = [step(1, "expand", "create table slow as select 1 as one from pg_sleep(1)")];
    const [first, second] = await Promise.all([
      runMigrations(await asOwner(), slow, ALL, logger),
      runMigrations(await asOwner(), slow, ALL, logger),
    ]);
    expect(first.applied.length + second.applied.length).toBe(1);
  });

  test("waiting for another migration ends with its reason", async () => {
    const slow = runMigrations(await asOwner(), [step(1, "expand", "select pg_sleep(2)")], ALL, logger);
    await expect.poll(() => server.sql("select 1 from pg_locks where locktype = 'advisory' and granted")).toHaveLength(1);
    const second = runMigrations(await asOwner(), [], { until: "all", lockLimit: 200 }, logger);
    await expect(second).rejects.toThrow("Another migration has been running for more than 0.2 seconds");
    await slow;
  });

  test("a step that fails leaves nothing of itself, and the next run goes on there", async () => {
    const good = step(1, "expand", "create table one ()");
    const bad = step(2, "expand", "create table two (); select 1/0");
    await expect(runMigrations(await asOwner(), [good, bad], ALL, logger)).rejects.toThrow("division by zero");
    expect(await server.sql("select to_regclass('one') as one, to_regclass('two') as two")).toEqual([{ one: "one", two: null }]);
    const mended = step(2, "expand", "create table two ()");
    const { applied } = await runMigrations(await asOwner(), [good, mended], ALL, logger);
    expect(applied).toEqual([mended]);
  });

  test("expand-only stops before the first contract step and names what waits", async () => {
    const steps = [step(1, "expand", "create table one ()"), step(2, "contract", "drop table one")];
    const { applied, waiting } = await runMigrations(await asOwner(), steps, EXPAND, logger);
    expect(applied.map(({ number }) => number)).toEqual([1]);
    expect(waiting.map(({ number }) => number)).toEqual([2]);
    expect((await runMigrations(await asOwner(), steps, ALL, logger)).applied.map(({ number }) => number)).toEqual([2]);
  });

  test("expand-only doesn't jump over a contract step", async () => {
    const steps = [step(1, "contract", "select 1"), step(2, "expand", "create table two ()")];
    await expect(runMigrations(await asOwner(), steps, EXPAND, logger)).rejects.toThrow("comes after contract step 1");
    expect(await recorded()).toEqual([]);
  });

  test("an older release goes on with a newer expand step, and stops at a newer contract step", async () => {
    const [one, two, three] = [step(1, "expand", "create table one ()"), step(2, "expand", "create table two ()"), step(3, "contract", "drop table one")] as const;
    await runMigrations(await asOwner(), [one, two], ALL, logger);
    expect((await runMigrations(await asOwner(), [one], ALL, logger)).applied).toEqual([]);
    await runMigrations(await asOwner(), [one, two, three], ALL, logger);
    await expect(runMigrations(await asOwner(), [one], ALL, logger)).rejects.toThrow("contract step 3 (step-3), which is newer than this release");
  });

  test("a step whose number was used for another is refused", async () => {
    await runMigrations(await asOwner(), [step(1, "expand", "select 1", "old")], ALL, logger);
    await expect(runMigrations(await asOwner(), [step(1, "expand", "select 1", "new")], ALL, logger)).rejects.toThrow("applied steps never change");
  });

  test("a step gives up on a table that is in use before its queue hurts", async () => {
    await runMigrations(await asOwner(), [step(1, "expand", "create table busy ()")], ALL, logger);
    const reader = new pg.Client(await connectionOptions(server.owner));
    await reader.connect();
    try {
      await reader.query("begin; select * from busy");
      const alter = step(2, "expand", "alter table busy add column x text");
      await expect(runMigrations(await asOwner(), [step(1, "expand", ""), alter], ALL, logger)).rejects.toThrow("lock timeout");
    } finally {
      await reader.end();
    }
  }, 20_000);

  test.each([
    ["nothing listens", { port: 1 }, "Nothing listens there. Fix: start the database"],
    ["the role is unknown", { user: "nobody" }, "The password was refused"],
    ["the database is unknown", { name: "elsewhere" }, "The database does not exist"],
    ["the password file is missing", { passwordFile: "/nergens" }, "DATABASE_PASSWORD_FILE: the file /nergens can't be read"],
  ])("the program ends with 1 and what to do when %s", async (_when, change, fix) => {
    const { code, output } = await migrate({ ...server.owner, ...change });
    expect(code).toBe(1);
    expect(output).toContain(fix);
    expect(output).not.toContain("password'");
  });
});

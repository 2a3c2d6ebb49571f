import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { createLogger } from "../logging.ts";
import { makeSecretFiles, postgresImage, startPostgres } from "../testing/containers.ts";
import type { TestDatabase } from "../testing/containers.ts";
import { connectionOptions, openDatabase } from "./connection.ts";
import { asMember, signInMember } from "./members.ts";
import { migrations } from "./migrations/index.ts";
import { runMigrations } from "./run-migrations.ts";
import type { Tables } from "./tables.ts";

const image = await postgresImage();
const logger = createLogger({ level: "silent", service: "web", environment: "test" });
const [NOOR, SAM] = ["a".repeat(64), "b".repeat(64)] as const;

describe.skipIf(image === undefined)("members in PostgreSQL (needs an image of postgres)", () => {
  let secrets: Awaited<ReturnType<typeof makeSecretFiles>>;
  let server: TestDatabase;
  let database: Kysely<Tables>;

  beforeAll(async () => {
    secrets = await makeSecretFiles();
    server = await startPostgres(image ?? "", secrets);
    const owner = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: new pg.Pool({ ...(await connectionOptions(server.owner)), max: 1 }) }) });
    await runMigrations(owner, migrations, { until: "all", lockLimit: 20_000 }, logger);
    await owner.destroy();
    database = await openDatabase(server.application, logger);
  }, 60_000);

  afterAll(async () => {
    await database.destroy();
    await server.container.stop();
    await secrets.remove();
  });

  beforeEach(async () => {
    await server.sql("delete from member");
  });

  test("the same subject is the same member, also when it signs in twice at once", async () => {
    const ids = await Promise.all([signInMember(database, NOOR), signInMember(database, NOOR), signInMember(database, NOOR)]);
    expect(new Set(ids).size).toBe(1);
    expect(await signInMember(database, NOOR)).toBe(ids[0]);
    expect(await signInMember(database, SAM)).not.toBe(ids[0]);
    expect(await server.sql("select 1 from member")).toHaveLength(2);
  });

  test("a member reads nothing with another's id in the WHERE", async () => {
    const [noor, sam] = [await signInMember(database, NOOR), await signInMember(database, SAM)];
    const theirs = await asMember(database, noor, (transaction) => transaction.selectFrom("member").selectAll().where("id", "=", sam).execute());
    expect(theirs).toEqual([]);
  });

  test("a forgotten WHERE shows nobody else", async () => {
    const [noor] = [await signInMember(database, NOOR), await signInMember(database, SAM)];
    const seen = await asMember(database, noor, (transaction) => transaction.selectFrom("member").select("id").execute());
    expect(seen).toEqual([{ id: noor }]);
  });

  test("whoever names no member sees nobody, on a connection that was a member's before too", async () => {
    const noor = await signInMember(database, NOOR);
    await database.connection().execute(async (connection) => {
      expect(await connection.selectFrom("member").selectAll().execute()).toEqual([]);
      expect(await asMember(connection, noor, (transaction) => transaction.selectFrom("member").select("id").execute())).toHaveLength(1);
      expect(await connection.selectFrom("member").selectAll().execute()).toEqual([]);
    });
  });

  test("nobody can change, remove or invent a member, themselves included", async () => {
    const noor = await signInMember(database, NOOR);
    await asMember(database, noor, async (transaction) => {
      expect((await transaction.updateTable("member").set({ subject: SAM }).executeTakeFirst()).numUpdatedRows).toBe(0n);
      expect((await transaction.deleteFrom("member").executeTakeFirst()).numDeletedRows).toBe(0n);
    });
    const invented = asMember(database, noor, (transaction) => transaction.insertInto("member").values({ subject: SAM }).execute());
    await expect(invented).rejects.toThrow("violates row-level security");
  });

  test("it is the database that keeps members apart: without its policies the same query shows all", async () => {
    const [noor] = [await signInMember(database, NOOR), await signInMember(database, SAM)];
    await server.sql("alter table member disable row level security");
    try {
      const seen = await asMember(database, noor, (transaction) => transaction.selectFrom("member").select("id").execute());
      expect(seen).toHaveLength(2);
    } finally {
      await server.sql("alter table member enable row level security");
    }
  });

  test("only a pseudonym is taken for a subject", async () => {
    await expect(signInMember(database, "noor@example.nl")).rejects.toThrow("violates check constraint");
  });
});

/** The diary in PostgreSQL, attacked from the side of the application: what its queries forget, the database remembers. */
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { asMember, signInMember } from "../database/members.ts";
import { readPlatformCounts } from "../database/platform-counts.ts";
import { createAccessLog } from "../privacy/access-log.ts";
import { decideConsent } from "../privacy/consents.ts";
import { postgresImage, redisImage } from "../testing/containers.ts";
import { startDataStores } from "../testing/data-stores.ts";
import type { DataStores } from "../testing/data-stores.ts";
import { day } from "./day.ts";
import { createDiary } from "./diary.ts";
import type { Diary, DiaryValues } from "./diary.ts";

const [postgres, redisName] = [await postgresImage(), await redisImage()];
const [NOOR, SAM] = ["a".repeat(64), "b".repeat(64)] as const;
const [FIRST, SECOND, THIRD] = [day("2026-11-01"), day("2026-11-02"), day("2026-11-03")] as const;
const NOORS: DiaryValues = { weight: 82.4, glucose: 6.1, steps: 8123, sleep: 7.5, mood: 4 };
const SAMS: DiaryValues = { weight: 95 };

describe.skipIf(postgres === undefined || redisName === undefined)("the diary in PostgreSQL (needs images of postgres and redis)", () => {
  let stores: DataStores;
  let diary: Diary;
  let noor: string;
  let sam: string;

  const decide = (memberId: string, decision: "given" | "withdrawn") =>
    asMember(stores.database, memberId, (transaction) => decideConsent(transaction, memberId, "health-data", decision));
  const rows = () => stores.server.sql("select member_id, day::text, weight::float8 from diary_entry order by day");

  beforeAll(async () => {
    stores = await startDataStores(postgres ?? "", redisName ?? "");
    diary = createDiary(stores.database, createAccessLog(Buffer.alloc(32)));
  }, 120_000);

  afterAll(() => stores.stop());

  beforeEach(async () => {
    await stores.server.sql("set session_replication_role = replica; truncate member, access_record cascade");
    [noor, sam] = [await signInMember(stores.database, NOOR), await signInMember(stores.database, SAM)];
    for (const member of [noor, sam]) await decide(member, "given");
    await diary.put(noor, { day: FIRST, values: NOORS });
    await diary.put(sam, { day: SECOND, values: SAMS });
  });

  test("a member reads what they kept, to the tenth, oldest day first", async () => {
    await diary.put(noor, { day: THIRD, values: { steps: 0 } });
    await diary.put(noor, { day: SECOND, values: { mood: 1 } });
    expect(await diary.read(noor, FIRST, THIRD)).toEqual([
      { day: FIRST, values: NOORS },
      { day: SECOND, values: { mood: 1 } },
      { day: THIRD, values: { steps: 0 } },
    ]);
    expect(await diary.read(noor, SECOND, SECOND)).toEqual([{ day: SECOND, values: { mood: 1 } }]);
  });

  test("keeping a day again replaces it whole", async () => {
    await diary.put(noor, { day: FIRST, values: { weight: 82 } });
    expect(await diary.read(noor, FIRST, FIRST)).toEqual([{ day: FIRST, values: { weight: 82 } }]);
  });

  test("two devices that keep the same day at once leave one row", async () => {
    await Promise.all([80, 81, 82].map((weight) => diary.put(noor, { day: THIRD, values: { weight } })));
    expect(await diary.read(noor, THIRD, THIRD)).toHaveLength(1);
  });

  test("a removed day is gone, and removing it again is no error", async () => {
    await diary.remove(noor, FIRST);
    await diary.remove(noor, FIRST);
    expect(await diary.read(noor, FIRST, THIRD)).toEqual([]);
    expect(await rows()).toEqual([{ member_id: sam, day: SECOND, weight: 95 }]);
  });

  test("a forgotten WHERE shows nothing of another member", async () => {
    const seen = await asMember(stores.database, noor, (transaction) => transaction.selectFrom("diary_entry").select("member_id").execute());
    expect(seen).toEqual([{ member_id: noor }]);
  });

  test("another member's id in the WHERE finds nothing to read, change or remove", async () => {
    await asMember(stores.database, noor, async (transaction) => {
      expect(await transaction.selectFrom("diary_entry").selectAll().where("member_id", "=", sam).execute()).toEqual([]);
      const changed = await transaction.updateTable("diary_entry").set({ weight: 20 }).where("member_id", "=", sam).executeTakeFirst();
      expect(changed.numUpdatedRows).toBe(0n);
      const removed = await transaction.deleteFrom("diary_entry").where("member_id", "=", sam).executeTakeFirst();
      expect(removed.numDeletedRows).toBe(0n);
    });
    expect(await rows()).toContainEqual({ member_id: sam, day: SECOND, weight: 95 });
  });

  test("a forgotten WHERE changes and removes one's own rows only", async () => {
    await asMember(stores.database, noor, async (transaction) => {
      await transaction.updateTable("diary_entry").set({ weight: 50 }).execute();
      await transaction.deleteFrom("diary_entry").execute();
    });
    expect(await rows()).toEqual([{ member_id: sam, day: SECOND, weight: 95 }]);
  });

  test.each([
    ["written for another member", () => sql`insert into diary_entry (member_id, day, weight) values (${sam}, '2026-11-05', 20)`],
    ["written over another member's", () => sql`insert into diary_entry (member_id, day, weight) values (${sam}, ${SECOND}, 20) on conflict (member_id, day) do update set weight = 20`],
    ["given to another member", () => sql`update diary_entry set member_id = ${sam}`],
  ])("a day can't be %s", async (_how, statement) => {
    await expect(asMember(stores.database, noor, (transaction) => statement().execute(transaction))).rejects.toThrow("violates row-level security");
    expect(await rows()).toEqual([
      { member_id: noor, day: FIRST, weight: 82.4 },
      { member_id: sam, day: SECOND, weight: 95 },
    ]);
  });

  test("whoever names no member finds no day, on a connection that was a member's before too", async () => {
    await stores.database.connection().execute(async (connection) => {
      expect(await asMember(connection, noor, (transaction) => transaction.selectFrom("diary_entry").select("day").execute())).toHaveLength(1);
      expect(await connection.selectFrom("diary_entry").select("day").execute()).toEqual([]);
      expect((await connection.deleteFrom("diary_entry").executeTakeFirst()).numDeletedRows).toBe(0n);
    });
    expect(await rows()).toHaveLength(2);
  });

  test("it is the database that keeps diaries apart: without its policies the same query shows all", async () => {
    await stores.server.sql("alter table diary_entry disable row level security");
    try {
      const seen = await asMember(stores.database, noor, (transaction) => transaction.selectFrom("diary_entry").select("day").execute());
      expect(seen).toHaveLength(2);
    } finally {
      await stores.server.sql("alter table diary_entry enable row level security");
    }
  });

  test.each<[string, DiaryValues]>([
    ["a weight", { weight: 401 }],
    ["a glucose", { glucose: 0.9 }],
    ["steps", { steps: -1 }],
    ["a night", { sleep: 24.1 }],
    ["a mood", { mood: 6 }],
    ["a day with nothing in it", {}],
  ])("%s that can't be is refused by the database too", async (_what, values) => {
    await expect(diary.put(noor, { day: THIRD, values })).rejects.toThrow("violates check constraint");
  });

  test("without consent nothing is shown or kept, and what is there can still be removed", async () => {
    await decide(noor, "withdrawn");
    expect(await diary.read(noor, FIRST, THIRD)).toBeUndefined();
    expect(await diary.put(noor, { day: THIRD, values: NOORS })).toBe(false);
    expect(await rows()).toHaveLength(2);
    await diary.remove(noor, FIRST);
    expect(await rows()).toHaveLength(1);
  });

  test("every touch of a diary is recorded about its member, and says nothing of what was in it", async () => {
    const accessLog = createAccessLog(Buffer.alloc(32));
    await stores.server.sql("set session_replication_role = replica; truncate access_record");
    await diary.read(noor, FIRST, THIRD);
    await diary.put(noor, { day: THIRD, values: NOORS });
    await diary.remove(noor, THIRD);
    const records = await accessLog.about(stores.database, noor, 10);
    expect(records.map(({ action, data, self, result }) => ({ action, data, self, result }))).toEqual(
      ["remove", "write", "read"].map((action) => ({ action, data: "diary", self: true, result: "done" })),
    );
    expect(await accessLog.about(stores.database, sam, 10)).toEqual([]);
  });

  test("what can't be recorded is not shown, kept or removed", async () => {
    const failing = createDiary(stores.database, { record: () => Promise.reject(new Error("the access log is full")) });
    await expect(failing.read(noor, FIRST, THIRD)).rejects.toThrow("full");
    await expect(failing.put(noor, { day: FIRST, values: SAMS })).rejects.toThrow("full");
    await expect(failing.remove(noor, FIRST)).rejects.toThrow("full");
    expect(await rows()).toContainEqual({ member_id: noor, day: FIRST, weight: 82.4 });
  });

  test("a member who is removed takes the diary along", async () => {
    await stores.server.sql(`delete from member where id = '${noor}'`);
    expect(await rows()).toEqual([{ member_id: sam, day: SECOND, weight: 95 }]);
  });

  test("members, sign-ups, who is active and days are counted across members, by time", async () => {
    await diary.put(noor, { day: SECOND, values: SAMS });
    await stores.server.sql(`update diary_entry set written_at = now() - interval '3 days' where member_id = '${noor}'`);
    await stores.server.sql(`update diary_entry set written_at = now() - interval '20 days' where member_id = '${sam}'`);
    await stores.server.sql(`update member set created_at = now() - interval '40 days' where id = '${sam}'`);
    expect(await readPlatformCounts(stores.database)).toEqual({
      members: 2,
      signUps: { day: 1, week: 1, month: 1 },
      active: { day: 0, week: 1, month: 2 },
      entries: 3,
    });
  });

  test("a table that somebody puts in the way does not deceive the count", async () => {
    await expect(sql`create table public.member (id int)`.execute(stores.database)).rejects.toThrow("permission denied");
    await stores.database.connection().execute(async (connection) => {
      await sql`create temporary table member (id int)`.execute(connection);
      expect((await readPlatformCounts(connection)).members).toBe(2);
    });
  });
});

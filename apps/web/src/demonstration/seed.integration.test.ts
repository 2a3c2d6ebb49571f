import { demoAccounts } from "@jlam/platform/demo-accounts";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { asMember, signInMember } from "../database/members.ts";
import { plusDays, day } from "../diary/day.ts";
import { createDiary } from "../diary/diary.ts";
import type { Diary } from "../diary/diary.ts";
import { createAccessLog } from "../privacy/access-log.ts";
import { decideConsent } from "../privacy/consents.ts";
import { pseudonym } from "../sign-in/token-rules.ts";
import { postgresImage, redisImage } from "../testing/containers.ts";
import { startDataStores } from "../testing/data-stores.ts";
import type { DataStores } from "../testing/data-stores.ts";
import { demonstrationDay } from "./diary-day.ts";
import { DemonstrationRefused, seedDemonstration } from "./seed.ts";

const [postgres, redisName] = [await postgresImage(), await redisImage()];
const ISSUER = "https://auth.jlam.localhost/application/o/web/";
const NOW = Date.parse("2026-11-22T12:00:00Z");
const TODAY = day("2026-11-22");
const [FIRST, LAST] = [plusDays(TODAY, -30), plusDays(TODAY, -1)];

describe.skipIf(postgres === undefined || redisName === undefined)("the demo members' diaries (needs images of postgres and redis)", () => {
  let stores: DataStores;
  let diary: Diary;

  beforeAll(async () => {
    stores = await startDataStores(postgres ?? "", redisName ?? "");
    diary = createDiary(stores.database, createAccessLog(Buffer.alloc(32)));
  }, 120_000);

  afterAll(() => stores.stop());

  beforeEach(async () => {
    await stores.server.sql("set session_replication_role = replica; truncate member, access_record cascade");
  });

  const seed = (change: { readonly environment?: string; readonly now?: number } = {}) =>
    seedDemonstration({ environment: "local", database: stores.database, diary, issuer: ISSUER, requiredGroups: ["members"], now: NOW, ...change });
  const memberOf = (username: string): Promise<string> =>
    signInMember(stores.database, pseudonym(ISSUER, demoAccounts.find((account) => account.username === username)?.uuid ?? ""));
  const count = async (table: string): Promise<number> => (await stores.server.sql(`select 1 from ${table}`)).length;

  test("every demo account that may sign in has a month, found under what the provider calls it", async () => {
    const written = await seed();
    const noor = await diary.read(await memberOf("member"), FIRST, TODAY);
    const expected = Array.from({ length: 30 }, (_, index) => plusDays(FIRST, index)).flatMap((date) => demonstrationDay("member", date) ?? []);
    expect(noor).toEqual(expected);
    expect((await diary.read(await memberOf("other-member"), FIRST, TODAY))?.length).toBeGreaterThan(20);
    expect(await count("member")).toBe(2);
    expect(await count("diary_entry")).toBe(written);
  });

  test("filled again, nothing is added, and a removed or changed day stays as it is", async () => {
    await seed();
    const noor = await memberOf("member");
    await diary.put(noor, { day: LAST, values: { weight: 60 } });
    await diary.remove(noor, plusDays(LAST, -3));
    const before = await diary.read(noor, FIRST, TODAY);
    expect(await seed()).toBe(0);
    expect(await diary.read(noor, FIRST, TODAY)).toEqual(before);
  });

  test("a week later it goes on where it stopped", async () => {
    await seed();
    const added = await seed({ now: NOW + 7 * 86_400_000 });
    expect(added).toBeGreaterThan(5);
    expect((await diary.read(await memberOf("member"), FIRST, plusDays(TODAY, 7)))?.at(-1)?.day).toBe(plusDays(TODAY, 6));
  });

  test("whoever took their consent back is left alone", async () => {
    const noor = await memberOf("member");
    await asMember(stores.database, noor, (transaction) => decideConsent(transaction, noor, "health-data", "withdrawn"));
    await seed();
    expect(await stores.server.sql(`select 1 from diary_entry where member_id = '${noor}'`)).toEqual([]);
    expect(await diary.read(noor, FIRST, TODAY)).toBeUndefined();
  });

  test.each(["production", "staging", "ci", "test", "", "LOCAL"])("in the environment %j it is refused and leaves nothing behind", async (environment) => {
    await expect(seed({ environment })).rejects.toThrow(DemonstrationRefused);
    await expect(seed({ environment })).rejects.toThrow(/only for the environment local.*Fix: /);
    expect(await count("member")).toBe(0);
  });
});

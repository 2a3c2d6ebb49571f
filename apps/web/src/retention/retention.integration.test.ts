import { setTimeout as sleep } from "node:timers/promises";

import { tokenOf } from "@jlam/test-browser";
import type { TestBrowser } from "@jlam/test-browser";
import { Registry } from "prom-client";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";

import { createLogger } from "../logging.ts";
import { TEST_ORIGIN } from "../testing/application.ts";
import { postgresImage, redisImage } from "../testing/containers.ts";
import type { Person } from "../testing/accounts.ts";
import { startMemberWorld } from "../testing/member-world.ts";
import type { MemberWorld } from "../testing/member-world.ts";
import { lastRetention, runRetention } from "./retention-run.ts";
import { startRetention } from "./schedule.ts";

const [postgres, redisName] = [await postgresImage(), await redisImage()];
const NOTHING = { erased: 0, failed: 0, diaries: 0, accessRecords: 0, siteMessages: 0 };

describe.skipIf(postgres === undefined || redisName === undefined)("ending what is due (needs images of postgres and redis)", () => {
  let world: MemberWorld;
  const lines: string[] = [];
  const logger = createLogger({ level: "trace", service: "web", environment: "test" }, { write: (line) => void lines.push(line) });

  beforeAll(async () => {
    world = await startMemberWorld(postgres ?? "", redisName ?? "");
  }, 120_000);

  afterAll(() => world.stop());

  beforeEach(async () => {
    await world.server.sql("delete from member");
    world.accounts.status = undefined;
    world.accounts.logStatus = undefined;
    world.accounts.forgetful = false;
    world.accounts.events.clear();
    world.accounts.scores.clear();
  });

  const run = () => runRetention(world.database, world.erasure, logger);

  /** Asks on the page, and lets the days pass. */
  async function askToBeErased(browser: TestBrowser, memberId: string): Promise<void> {
    const page = await browser.open(`${TEST_ORIGIN}/account/verwijderen`);
    await browser.open(page.url, { token: tokenOf(page), confirmation: "verwijderen" });
    await world.server.sql(`update erasure_request set requested_at = now() - interval '15 days', due_at = now() - interval '1 minute' where member_id = '${memberId}'`);
  }

  const memberIds = async () => (await world.server.sql("select id from member")).map((row) => String(row["id"]));
  const hasAccount = (person: Person): boolean => [...world.accounts.users.values()].some(({ uuid }) => uuid === person.uuid);

  test("who is due goes, here and at the provider, and everybody else stays", async () => {
    const [noor, sam, tess] = [await world.signIn("Noor"), await world.signIn("Sam"), await world.signIn("Tess")];
    await askToBeErased(noor.browser, noor.memberId);
    const page = await tess.browser.open(`${TEST_ORIGIN}/account/verwijderen`);
    await tess.browser.open(page.url, { token: tokenOf(page), confirmation: "verwijderen" });

    expect(await run()).toEqual({ ...NOTHING, erased: 1 });
    expect((await memberIds()).sort()).toEqual([sam.memberId, tess.memberId].sort());
    expect([noor, sam, tess].map(({ person }) => hasAccount(person))).toEqual([false, true, true]);
    expect((await sam.browser.open(`${TEST_ORIGIN}/account`)).status).toBe(200);
    expect(await run()).toEqual(NOTHING);
  });

  test("a session that was begun after asking ends with the account, and Redis holds nothing of it", async () => {
    const noor = await world.signIn("Noor de Vries-Merkteken");
    await askToBeErased(noor.browser, noor.memberId);
    const again = await world.signInAgain(noor.person);
    await run();
    expect((await again.open(`${TEST_ORIGIN}/account`)).status).toBe(303);
    const places = (await world.redis.command("keys", "session:*")).split("\n").filter((place) => place !== "");
    for (const place of places) expect(await world.redis.command("get", place)).not.toContain("Merkteken");
  });

  test.each<[string, (accounts: MemberWorld["accounts"]) => void]>([
    ["fails", (accounts) => { accounts.status = 500; }],
    ["refuses", (accounts) => { accounts.status = 403; }],
    ["answers the search with everybody", (accounts) => { accounts.forgetful = true; }],
  ])("while the provider %s nobody is erased by half or by mistake, and the next run does it", async (_what, fail) => {
    const [noor, sam] = [await world.signIn("Noor"), await world.signIn("Sam")];
    await askToBeErased(noor.browser, noor.memberId);
    fail(world.accounts);
    const success = await lastRetention(world.database);
    expect(await run()).toEqual({ ...NOTHING, failed: 1 });
    expect(await lastRetention(world.database)).toEqual(success);
    expect(await memberIds()).toHaveLength(2);
    expect([noor, sam].map(({ person }) => hasAccount(person))).toEqual([true, true]);

    world.accounts.status = undefined;
    world.accounts.forgetful = false;
    expect(await run()).toEqual({ ...NOTHING, erased: 1 });
    expect([noor, sam].map(({ person }) => hasAccount(person))).toEqual([false, true]);
  });

  test("what the provider's log says about them goes too, when it fails halfway in the next run, and nothing about others", async () => {
    const [noor, sam] = [await world.signIn("Noor"), await world.signIn("Sam")];
    const { username, email, uuid } = noor.person;
    const events: Readonly<Record<string, unknown>> = {
      "00000000-0000-4000-8000-000000000001": { action: "login_failed", context: { username } },
      "00000000-0000-4000-8000-000000000002": { action: "email_sent", context: { message: `Mail to ${email.toUpperCase()} sent` } },
      "00000000-0000-4000-8000-000000000003": { action: "user_write", context: { pk: uuid.replaceAll("-", "") } },
      "00000000-0000-4000-8000-000000000004": { action: "login_failed", context: { username: `${username}.bakker` } },
      "00000000-0000-4000-8000-000000000005": { action: "login", user: { username: sam.person.username, email: `x-${email}` } },
    };
    for (const [pk, event] of Object.entries(events)) world.accounts.events.set(pk, event);
    for (const identifier of [username, email, sam.person.username]) world.accounts.scores.set(crypto.randomUUID(), identifier);
    await askToBeErased(noor.browser, noor.memberId);

    world.accounts.logStatus = 500;
    expect(await run()).toEqual({ ...NOTHING, failed: 1 });
    expect(hasAccount(noor.person)).toBe(false);
    expect(await memberIds()).toContain(noor.memberId);

    world.accounts.logStatus = undefined;
    expect(await run()).toEqual({ ...NOTHING, erased: 1 });
    expect([...world.accounts.events.keys()]).toEqual(Object.keys(events).slice(3));
    expect([...world.accounts.scores.values()]).toEqual([sam.person.username]);
    expect(lines.join("")).not.toContain(username);
  });

  test("an account that is gone at the provider already is no hindrance", async () => {
    const noor = await world.signIn("Noor");
    await askToBeErased(noor.browser, noor.memberId);
    world.accounts.users.clear();
    expect(await run()).toEqual({ ...NOTHING, erased: 1 });
  });

  test("of two runs at once one works and the other leaves it alone", async () => {
    const noor = await world.signIn("Noor");
    await askToBeErased(noor.browser, noor.memberId);
    const answer = Promise.withResolvers<unknown>();
    world.accounts.hold = answer.promise;
    const first = run();
    await vi.waitFor(async () => expect(await world.server.sql("select 1 from pg_locks where locktype = 'advisory' and granted")).toHaveLength(1));
    expect(await run()).toBeUndefined();
    answer.resolve(undefined);
    expect(await first).toEqual({ ...NOTHING, erased: 1 });
    expect(await run()).toEqual(NOTHING);
  });

  test("a diary goes fourteen days after its consent was taken back and not before, and the removal is recorded", async () => {
    const [noor, sam, tess] = [await world.signIn("Noor"), await world.signIn("Sam"), await world.signIn("Tess")];
    const decide = (memberId: string, decision: string, days: number) =>
      world.server.sql(`insert into consent (member_id, purpose, version, decision, at) values ('${memberId}', 'health-data', 1, '${decision}', now() - interval '${days} days')`);
    for (const { memberId } of [noor, sam, tess]) {
      await decide(memberId, "given", 40);
      await world.server.sql(`insert into diary_entry (member_id, day, steps) values ('${memberId}', current_date - 41, 5000)`);
    }
    await decide(noor.memberId, "withdrawn", 15);
    await decide(sam.memberId, "withdrawn", 13);
    await decide(tess.memberId, "withdrawn", 20);
    await decide(tess.memberId, "given", 16);

    expect(await run()).toEqual({ ...NOTHING, diaries: 1 });
    const left = (await world.server.sql("select member_id from diary_entry")).map((row) => row["member_id"]);
    expect(left.toSorted()).toEqual([sam.memberId, tess.memberId].toSorted());
    const [record] = await world.server.sql("select actor_role, data, action, reason from access_record where reason = 'retention' order by id desc limit 1");
    expect(record).toEqual({ actor_role: "system", data: "diary", action: "remove", reason: "retention" });
    expect(await run()).toEqual(NOTHING);
  });

  test("access records go after five years and not before, and old notices go", async () => {
    const insert = "insert into access_record (at, actor_role, data, action, reason, result) values";
    // Only a superuser, who can set triggers aside, can make a record that is old.
    await world.server.sql(`
      set session_replication_role = replica;
      ${insert} (now() - interval '5 years 1 day', 'system', 'old', 'read', 'statistics', 'done'), (now() - interval '5 years' + interval '1 day', 'system', 'young', 'read', 'statistics', 'done')`);
    await world.server.sql(`
      insert into site_message (kind, message, starts_at, ends_at) values
        ('notice', 'Oud', now() - interval '400 days', now() - interval '366 days'), ('notice', 'Jong', now() - interval '400 days', now() - interval '364 days')`);
    expect(await run()).toEqual({ ...NOTHING, accessRecords: 1, siteMessages: 1 });
    expect(await world.server.sql("select data from access_record where data in ('old', 'young')")).toEqual([{ data: "young" }]);
    expect(await world.server.sql("select message from site_message")).toEqual([{ message: "Jong" }]);
  });

  test("the schedule does it by itself, tells counts in log and metrics, and stops when it is told to", async () => {
    const noor = await world.signIn("Noor Merkteken");
    await askToBeErased(noor.browser, noor.memberId);
    const registry = new Registry();
    const schedule = startRetention(world.database, world.erasure, { registry }, logger, { first: 0, interval: 50 });
    onTestFinished(() => schedule.stop());
    await vi.waitFor(async () => expect(await memberIds()).toEqual([]));
    await vi.waitFor(async () => expect(await registry.metrics()).toMatch(/jlam_retention_last_success_timestamp_seconds 1\d{9}/));
    await schedule.stop();
    const before = lines.length;
    await sleep(150);
    expect(lines.length).toBe(before);
    expect(lines.join("")).toContain('"erased":1');
    for (const trace of ["Merkteken", noor.memberId, noor.person.uuid]) expect(lines.join("")).not.toContain(trace);
  });
});

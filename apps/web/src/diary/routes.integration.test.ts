/** The diary as members meet it, and as somebody who is not that member does. */
import { createBrowser, tokenOf } from "@jlam/test-browser";
import type { Page, TestBrowser } from "@jlam/test-browser";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { asMember } from "../database/members.ts";
import { decideConsent } from "../privacy/consents.ts";
import { TEST_ORIGIN } from "../testing/application.ts";
import { postgresImage, redisImage } from "../testing/containers.ts";
import { startMemberWorld } from "../testing/member-world.ts";
import type { MemberWorld } from "../testing/member-world.ts";
import { dayAt, longDay, plusDays } from "./day.ts";

const [postgres, redisName] = [await postgresImage(), await redisImage()];
const TODAY = dayAt(Date.now());
const YESTERDAY = plusDays(TODAY, -1);
const EMPTY = { gewicht: "", glucose: "", stappen: "", slaap: "", stemming: "" };
const DIARY = `${TEST_ORIGIN}/dagboek`;
const API = `${TEST_ORIGIN}/api/dagboek`;

describe.skipIf(postgres === undefined || redisName === undefined)("the diary's pages (needs images of postgres and redis)", () => {
  let world: MemberWorld;

  beforeAll(async () => {
    world = await startMemberWorld(postgres ?? "", redisName ?? "");
  }, 120_000);

  afterAll(() => world.stop());

  beforeEach(async () => {
    await world.redis.command("flushall");
    await world.server.sql("set session_replication_role = replica; truncate member, access_record cascade");
  });

  /** Somebody who is signed in, and who agreed unless `consent` is false. */
  async function memberCalled(name: string, consent = true): Promise<TestBrowser & { readonly memberId: string }> {
    const { browser, memberId } = await world.signIn(name);
    if (consent) await asMember(world.database, memberId, (transaction) => decideConsent(transaction, memberId, "health-data", "given"));
    return { ...browser, memberId };
  }

  /** What the API answers, with its headers. */
  async function ask(browser: TestBrowser, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    const cookie = `__Host-session=${browser.cookie(TEST_ORIGIN, "__Host-session") ?? ""}`;
    return await fetch(`http://127.0.0.1:${world.application.port}${path}`, { headers: { cookie, ...headers } });
  }

  /** Fills in the form of a day as its page gives it. */
  async function keep(browser: TestBrowser, day: string, fields: Partial<typeof EMPTY>): Promise<Page> {
    const token = tokenOf(await browser.open(DIARY));
    return await browser.open(`${DIARY}/${day}`, { ...EMPTY, ...fields, token });
  }

  const kept = () => world.server.sql("select day::text, weight::float8, steps, mood from diary_entry order by day");

  test("a day is kept with one form, told to be kept, and stands in form, chart and table", async () => {
    const noor = await memberCalled("noor");
    const answer = await keep(noor, TODAY, { gewicht: "82,4", stappen: "8.123", stemming: "4" });
    expect(answer).toMatchObject({ status: 303, location: `${DIARY}?bewaard=${TODAY}` });
    const { body } = await noor.open(answer.location ?? "");
    expect(body).toContain(`<strong>Bewaard:</strong> ${longDay(TODAY)}`);
    expect(body).toContain('name="gewicht" type="text" inputmode="decimal" autocomplete="off" maxlength="20" value="82,4"');
    expect(body).toContain('value="8123"');
    expect(body).toMatch(/name="stemming" value="4" checked/);
    expect(body).toContain("<desc id=\"grafiek-gewicht-tekst\">Eén dag: 82,4 kg op");
    expect(body).toContain("<td>8.123</td>");
    expect(body).toContain("<td>goed</td>");
  });

  test("the form begins with today, empty, and yesterday's weight stands in its field as a reminder", async () => {
    const noor = await memberCalled("noor");
    await keep(noor, YESTERDAY, { gewicht: "82,6" });
    const { body } = await noor.open(DIARY);
    expect(body).toContain(`action="/dagboek/${TODAY}"`);
    expect(body).toContain('name="gewicht" type="text" inputmode="decimal" autocomplete="off" maxlength="20" value="" placeholder="82,6"');
  });

  test("mistakes are told beside their fields with what was typed, in the title, and nothing is kept", async () => {
    const noor = await memberCalled("noor");
    const page = await keep(noor, TODAY, { gewicht: 'veel"><script>', stappen: "9000" });
    expect(page.status).toBe(422);
    expect(page.body).toContain("<title>Fout: Dagboek");
    expect(page.body).toContain('value="veel&quot;&gt;&lt;script&gt;"');
    expect(page.body).toContain('aria-invalid="true" aria-describedby="veld-gewicht-fout"');
    expect(page.body).toContain('<a href="#veld-gewicht">Gewicht: Vul alleen een getal in');
    expect(page.body).toMatch(/role="alert" tabindex="-1" autofocus/);
    expect(page.body).toContain('value="9000"');
    expect(await kept()).toEqual([]);
  });

  test("a day is changed on its own page, where an emptied field is forgotten", async () => {
    const noor = await memberCalled("noor");
    await keep(noor, YESTERDAY, { gewicht: "82,4", stappen: "5000" });
    expect((await noor.open(`${DIARY}/${YESTERDAY}`)).body).toContain('value="5000"');
    await keep(noor, YESTERDAY, { gewicht: "82" });
    expect(await kept()).toEqual([{ day: YESTERDAY, weight: 82, steps: null, mood: null }]);
  });

  test("a day is removed with the button on its page", async () => {
    const noor = await memberCalled("noor");
    await keep(noor, YESTERDAY, { gewicht: "82,4" });
    const page = await noor.open(`${DIARY}/${YESTERDAY}`);
    const answer = await noor.open(`${DIARY}/${YESTERDAY}/verwijderen`, { token: tokenOf(page) });
    expect((await noor.follow(answer)).body).toContain(`<strong>Verwijderd:</strong> ${longDay(YESTERDAY)}`);
    expect(await kept()).toEqual([]);
  });

  test("another day that was chosen is opened", async () => {
    const noor = await memberCalled("noor");
    expect(await noor.open(`${DIARY}?dag=${YESTERDAY}`)).toMatchObject({ status: 303, location: `${DIARY}/${YESTERDAY}` });
  });

  test.each([plusDays(TODAY, 1), "2026-02-30", "1999-12-31", "morgen", "2026-11-21%2f..", "..%2faccount"])("there is no page for %s", async (day) => {
    const noor = await memberCalled("noor");
    expect((await noor.open(`${DIARY}/${day}`)).status).toBe(404);
    expect((await keep(noor, day, { gewicht: "80" })).status).toBe(404);
    expect(await kept()).toEqual([]);
  });

  test("whoever is not signed in is led to sign in, and sees and keeps nothing", async () => {
    const nobody = createBrowser({ [TEST_ORIGIN]: world.application.port });
    expect(await nobody.open(DIARY)).toMatchObject({ status: 303, location: `${TEST_ORIGIN}/inloggen?terug=/dagboek` });
    expect((await nobody.open(`${DIARY}/${TODAY}`)).location).toBe(`${TEST_ORIGIN}/inloggen?terug=/dagboek/${TODAY}`);
    expect((await nobody.open(`${DIARY}/${TODAY}`, { ...EMPTY, gewicht: "80" })).location).toContain("/inloggen");
    expect((await nobody.open(`${DIARY}/${TODAY}/verwijderen`, {})).location).toContain("/inloggen");
    expect((await nobody.open(API)).status).toBe(401);
    expect(await kept()).toEqual([]);
  });

  test("without consent the diary explains itself and leads to where it is given, and keeps nothing", async () => {
    const noor = await memberCalled("noor", false);
    const page = await noor.open(DIARY);
    expect(page.body).toContain("Eerst je toestemming");
    expect(page.body).toContain('href="/toestemming"');
    expect(page.body).not.toContain("<form");
    const token = tokenOf(await noor.open(`${TEST_ORIGIN}/account`));
    expect((await noor.open(`${DIARY}/${TODAY}`, { ...EMPTY, gewicht: "80", token })).status).toBe(403);
    expect((await noor.open(API)).status).toBe(403);
    expect(await kept()).toEqual([]);
  });

  test("another member's days can't be seen, changed or removed: the same address is one's own day", async () => {
    const [noor, sam] = [await memberCalled("noor"), await memberCalled("sam")];
    await keep(noor, YESTERDAY, { gewicht: "77,7" });
    for (const address of [DIARY, `${DIARY}?dagen=90`, `${DIARY}/${YESTERDAY}`, API]) expect((await sam.open(address)).body).not.toMatch(/77[.,]7/);
    await keep(sam, YESTERDAY, { gewicht: "95" });
    const token = tokenOf(await sam.open(DIARY));
    expect((await sam.open(`${DIARY}/${YESTERDAY}/verwijderen`, { token })).status).toBe(303);
    expect(await kept()).toEqual([{ day: YESTERDAY, weight: 77.7, steps: null, mood: null }]);
  });

  test("fields that name a member are not looked at", async () => {
    const [noor, sam] = [await memberCalled("noor"), await memberCalled("sam")];
    await keep(noor, YESTERDAY, { gewicht: "77,7" });
    const id = noor.memberId;
    const token = tokenOf(await sam.open(DIARY));
    await sam.open(`${DIARY}/${YESTERDAY}?member_id=${id}`, { ...EMPTY, gewicht: "20", token, member_id: id, memberId: id });
    expect((await sam.open(`${API}?member_id=${id}`)).body).not.toContain("77.7");
    expect(await kept()).toContainEqual({ day: YESTERDAY, weight: 77.7, steps: null, mood: null });
  });

  test.each<[string, Readonly<Record<string, string>>]>([
    ["without a token", {}],
    ["with a token of nobody's", { token: "A".repeat(86) }],
  ])("a form %s changes and removes nothing", async (_what, proof) => {
    const noor = await memberCalled("noor");
    await keep(noor, YESTERDAY, { gewicht: "82,4" });
    expect((await noor.open(`${DIARY}/${YESTERDAY}`, { ...EMPTY, gewicht: "20", ...proof })).status).toBe(403);
    expect((await noor.open(`${DIARY}/${YESTERDAY}/verwijderen`, { ...proof })).status).toBe(403);
    expect(await kept()).toEqual([{ day: YESTERDAY, weight: 82.4, steps: null, mood: null }]);
  });

  test("another member's token, and another site's page, change nothing", async () => {
    const [noor, sam] = [await memberCalled("noor"), await memberCalled("sam")];
    const [noors, sams] = [tokenOf(await noor.open(DIARY)), tokenOf(await sam.open(DIARY))];
    expect((await noor.open(`${DIARY}/${TODAY}`, { ...EMPTY, gewicht: "80", token: sams })).status).toBe(403);
    const elsewhere = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    expect((await noor.open(`${DIARY}/${TODAY}`, { ...EMPTY, gewicht: "80", token: noors }, elsewhere)).status).toBe(403);
    expect(await kept()).toEqual([]);
  });

  test("no line of the log tells what was kept, or by whom", async () => {
    const noor = await memberCalled("noor");
    const begin = world.application.lines.length;
    await keep(noor, TODAY, { gewicht: "123,4", stappen: "45678" });
    await keep(noor, TODAY, { gewicht: "niet-te-lezen" });
    await noor.open(API);
    const log = world.application.lines.slice(begin).join("");
    expect(log).toContain('"route":"/dagboek/:day"');
    const said = log.replaceAll(/"(?:time|request_id)":"[^"]*"|"(?:duration_ms|pid)":[0-9.]+/g, "");
    for (const personal of ["123", "45678", "niet-te-lezen", TODAY, "noor", noor.memberId]) expect(said).not.toContain(personal);
  });

  test("the API gives the days between two days, both included, as the numbers that they are", async () => {
    const noor = await memberCalled("noor");
    await keep(noor, YESTERDAY, { gewicht: "82,4", slaap: "7:30" });
    await keep(noor, TODAY, { stappen: "0", stemming: "5" });
    const { body } = await noor.open(`${API}?van=${YESTERDAY}&tot=${TODAY}`);
    expect(JSON.parse(body)).toEqual({
      van: YESTERDAY,
      tot: TODAY,
      dagen: [{ dag: YESTERDAY, gewicht: 82.4, slaap: 7.5 }, { dag: TODAY, stappen: 0, stemming: 5 }],
    });
    expect(JSON.parse((await noor.open(`${API}?tot=${YESTERDAY}`)).body)).toMatchObject({ van: plusDays(TODAY, -30), dagen: [{ dag: YESTERDAY }] });
  });

  test.each(["?van=gisteren", "?van=2026-11-02&tot=2026-11-01", "?van=2024-01-01&tot=2025-06-01", "?van=2026-11-01&van=2026-11-02"])("the API refuses %s", async (query) => {
    const noor = await memberCalled("noor");
    expect((await noor.open(API + query)).status).toBe(400);
  });

  test("an answer that did not change is a 304, one that did is not, and both are in the access log", async () => {
    const noor = await memberCalled("noor");
    await keep(noor, TODAY, { gewicht: "82,4" });
    const first = await ask(noor, "/api/dagboek");
    const etag = first.headers.get("etag") ?? "";
    expect(etag).toMatch(/^W\/"/);
    expect(first.headers.get("cache-control")).toBe("private, no-cache");
    expect(first.headers.get("vary")).toContain("cookie");
    await world.server.sql("set session_replication_role = replica; truncate access_record");
    const same = await ask(noor, "/api/dagboek", { "if-none-match": etag });
    expect([same.status, await same.text()]).toEqual([304, ""]);
    expect(await world.server.sql("select action from access_record where data = 'diary'")).toEqual([{ action: "read" }]);
    await keep(noor, TODAY, { gewicht: "82,5" });
    expect((await ask(noor, "/api/dagboek", { "if-none-match": etag })).status).toBe(200);
  });

  test("no browser keeps the diary's pages, and no other member's answer is revalidated with one's ETag", async () => {
    const [noor, sam] = [await memberCalled("noor"), await memberCalled("sam")];
    await keep(noor, TODAY, { gewicht: "82,4" });
    for (const path of ["/dagboek", `/dagboek/${TODAY}`]) {
      const { headers } = await ask(noor, path);
      expect([headers.get("cache-control"), headers.get("etag")]).toEqual(["no-store", null]);
    }
    const etag = (await ask(noor, "/api/dagboek")).headers.get("etag") ?? "";
    expect((await ask(sam, "/api/dagboek", { "if-none-match": etag })).status).toBe(200);
  });

  test("without Redis the diary says that it is away, and comes back with it", async () => {
    const noor = await memberCalled("noor");
    await world.redis.command("config", "set", "requirepass", "another");
    await world.redis.command("-a", "another", "client", "kill", "type", "normal");
    try {
      await expect.poll(async () => (await noor.open(DIARY)).status, { timeout: 10_000 }).toBe(503);
    } finally {
      await world.redis.command("-a", "another", "config", "set", "requirepass", "only-for-this-test");
    }
    await expect.poll(async () => (await noor.open(DIARY)).status, { timeout: 20_000 }).toBe(200);
  });
});

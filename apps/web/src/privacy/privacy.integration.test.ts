import { tokenOf } from "@jlam/test-browser";
import type { Page, TestBrowser } from "@jlam/test-browser";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { TEST_ORIGIN } from "../testing/application.ts";
import { postgresImage, redisImage } from "../testing/containers.ts";
import { startMemberWorld } from "../testing/member-world.ts";
import type { MemberWorld } from "../testing/member-world.ts";

const [postgres, redisName] = [await postgresImage(), await redisImage()];
const at = (path: string): string => `${TEST_ORIGIN}${path}`;

describe.skipIf(postgres === undefined || redisName === undefined)("members' pages about their own data (needs images of postgres and redis)", () => {
  let world: MemberWorld;

  beforeAll(async () => {
    world = await startMemberWorld(postgres ?? "", redisName ?? "");
  }, 120_000);

  afterAll(() => world.stop());

  const open = (browser: TestBrowser, path: string): Promise<Page> => browser.open(at(path));
  const tokenFor = async (browser: TestBrowser): Promise<string> => tokenOf(await open(browser, "/toestemming"));
  async function decide(browser: TestBrowser, purpose: string, decision: string, version = "1"): Promise<Page> {
    return await browser.open(at("/toestemming"), { token: await tokenFor(browser), purpose, version, decision });
  }
  async function askErasure(browser: TestBrowser, confirmation: string): Promise<Page> {
    return await browser.open(at("/account/verwijderen"), { token: await tokenFor(browser), confirmation });
  }
  const decisionsOf = (memberId: string) => world.server.sql(`select purpose, decision from consent where member_id = '${memberId}' order by id`);

  test("consent is given and taken back by the same button, which opens and closes the diary", async () => {
    const { browser, memberId } = await world.signIn("Noor");
    expect((await open(browser, "/dagboek")).body).toContain("Eerst je toestemming");

    expect((await decide(browser, "health-data", "given")).location).toBe(at("/toestemming#health-data"));
    expect((await open(browser, "/toestemming")).body).toContain("Toestemming intrekken");
    expect((await open(browser, "/dagboek")).body).not.toContain("Eerst je toestemming");

    await decide(browser, "health-data", "withdrawn");
    const page = await open(browser, "/toestemming");
    expect(page.body).toContain("Je dagboek is nu dicht");
    expect(page.body).toContain('href="/account/export.csv"');
    expect(page.body).toContain('href="/account/verwijderen"');
    expect((await open(browser, "/dagboek")).body).toContain("Eerst je toestemming");
    expect(await decisionsOf(memberId)).toEqual([
      { purpose: "health-data", decision: "given" },
      { purpose: "health-data", decision: "withdrawn" },
    ]);
  });

  test("nobody agrees to a wording that they didn't read, but taking back always works", async () => {
    const { browser, memberId } = await world.signIn("Noor");
    await decide(browser, "research", "given", "0");
    expect(await decisionsOf(memberId)).toEqual([]);
    await decide(browser, "research", "withdrawn", "0");
    expect(await decisionsOf(memberId)).toEqual([{ purpose: "research", decision: "withdrawn" }]);
  });

  test.each(["/toestemming", "/account/verwijderen", "/account/behouden"])("a form to %s without the session's token changes nothing", async (path) => {
    const { browser, memberId } = await world.signIn("Noor");
    const form = { purpose: "research", version: "1", decision: "given", confirmation: "verwijderen" };
    expect((await browser.open(at(path), form)).status).toBe(403);
    expect((await browser.open(at(path), { ...form, token: "a".repeat(43) })).status).toBe(403);
    expect(await decisionsOf(memberId)).toEqual([]);
    expect(await world.server.sql(`select 1 from erasure_request where member_id = '${memberId}'`)).toEqual([]);
  });

  test.each(["/account", "/toestemming", "/account/inzage", "/account/export.json", "/account/export.csv", "/account/verwijderen", "/beheer"])(
    "%s leads whoever isn't signed in to signing in, and is kept by no browser",
    async (path) => {
      const answer = await fetch(`http://127.0.0.1:${world.application.port}${path}`, { redirect: "manual" });
      expect(answer.status).toBe(303);
      expect(answer.headers.get("location")).toMatch(/^\/inloggen\?terug=/);
      expect(answer.headers.get("cache-control")).toBe("no-store");
    },
  );

  test("the member sees who was at their data, and what about others isn't there", async () => {
    const [noor, sam] = [await world.signIn("Noor"), await world.signIn("Sam")];
    await open(noor.browser, "/toestemming");
    await open(sam.browser, "/account/export.json");
    const { body } = await open(noor.browser, "/account/inzage");
    expect(body).toContain("Jijzelf");
    expect(body).toContain("Je toestemmingen bekeken");
    expect(body).not.toContain("gedownload");
  });

  test("the exports hold what the member wrote, and nothing of another", async () => {
    const [noor, sam] = [await world.signIn("Noor"), await world.signIn("Sam")];
    for (const { browser } of [noor, sam]) await decide(browser, "health-data", "given");
    await world.server.sql(`insert into diary_entry (member_id, day, weight) values ('${noor.memberId}', '2026-11-20', 71.5), ('${sam.memberId}', '2026-11-20', 98.7)`);

    const json: unknown = JSON.parse((await open(noor.browser, "/account/export.json")).body);
    expect(json).toMatchObject({
      gegevens: {
        Account: [{ "Kenmerk bij de inlogdienst": noor.person.uuid }],
        Dagboek: [{ Dag: "2026-11-20", "Gewicht (kg)": 71.5 }],
        Toestemmingen: [{ Waarvoor: "health-data", Besluit: "given" }],
        "Zolang je bent ingelogd": [{ Naam: "Noor" }],
      },
    });
    const csv = (await open(noor.browser, "/account/export.csv")).body;
    expect(csv).toMatch(/^\uFEFF/);
    expect(csv).toContain("\r\nDagboek\r\nDag;Gewicht (kg);");
    expect(csv).toContain("\r\n2026-11-20;71,5;");
    for (const text of [JSON.stringify(json), csv]) {
      for (const theirs of [sam.memberId, sam.person.uuid, "98.7", "98,7", world.accessLog.pseudonym(sam.memberId)]) expect(text).not.toContain(theirs);
    }
  });

  test("a name that a spreadsheet would run as a formula stays a text", async () => {
    const { browser } = await world.signIn('=HYPERLINK("https://evil.example")');
    expect((await open(browser, "/account/export.csv")).body).toContain(`"'=HYPERLINK(""https://evil.example"")"`);
  });

  test("another word than the one that was asked for erases nobody", async () => {
    const { browser, memberId } = await world.signIn("Noor");
    const page = await askErasure(browser, "ja");
    expect(page.status).toBe(422);
    expect(page.body).toContain("Dat was een ander woord");
    expect(await world.server.sql(`select 1 from erasure_request where member_id = '${memberId}'`)).toEqual([]);
  });

  test("who asks to be erased is signed out everywhere, and can come back and stay", async () => {
    const { browser, person, memberId } = await world.signIn("Noor");
    const other = await world.signInAgain(person);
    const page = await askErasure(browser, " Verwijderen ");
    expect(page.status).toBe(200);
    expect(page.body).toContain("Je account wordt verwijderd");
    const [request] = await world.server.sql(`select extract(day from due_at - requested_at)::int as days from erasure_request where member_id = '${memberId}'`);
    expect(request).toEqual({ days: 14 });
    for (const left of [browser, other]) expect((await open(left, "/account")).status).toBe(303);

    const back = await world.signInAgain(person);
    const account = await open(back, "/account");
    expect(account.body).toContain("Je account wordt verwijderd op");
    expect((await back.open(at("/account/behouden"), { token: tokenOf(account) })).location).toBe(at("/account"));
    expect((await open(back, "/account")).body).not.toContain("Je account wordt verwijderd op");
    expect(await world.server.sql(`select 1 from erasure_request where member_id = '${memberId}'`)).toEqual([]);
  });

  test("once the days are over nothing can be taken back any more", async () => {
    const { browser, person, memberId } = await world.signIn("Noor");
    await askErasure(browser, "verwijderen");
    await world.server.sql(`update erasure_request set requested_at = now() - interval '20 days', due_at = now() - interval '1 minute' where member_id = '${memberId}'`);
    const back = await world.signInAgain(person);
    await back.open(at("/account/behouden"), { token: await tokenFor(back) });
    expect(await world.server.sql(`select 1 from erasure_request where member_id = '${memberId}'`)).toHaveLength(1);
  });

  test("operators see counts, small ones hidden, and that they looked is recorded", async () => {
    await world.server.sql("delete from consent");
    for (const name of ["Een", "Twee", "Drie", "Vier", "Vijf"]) await decide((await world.signIn(name)).browser, "health-data", "given");
    await decide((await world.signIn("Zes")).browser, "newsletter", "given");
    const { browser, memberId } = await world.signIn("Olga", ["operators"]);
    const { status, body } = await open(browser, "/beheer");
    expect(status).toBe(200);
    expect(body).toMatch(/Mijn dagboek bewaren<\/th><td>5</);
    expect(body).toMatch(/Nieuwsbrief<\/th><td>minder dan 5</);
    expect(body).toMatch(/Meehelpen aan onderzoek<\/th><td>0</);
    const operator = world.accessLog.pseudonym(memberId);
    expect(await world.server.sql(`select actor_role, person, data, result from access_record where actor = '${operator}' and data = 'counts'`)).toEqual([
      { actor_role: "operator", person: null, data: "counts", result: "done" },
    ]);
    expect((await open(browser, "/account")).body).toContain('href="/beheer"');
  });

  test("to a member the operators' page isn't there, and that they tried is recorded", async () => {
    const { browser, memberId } = await world.signIn("Noor");
    expect((await open(browser, "/beheer")).status).toBe(404);
    expect((await open(browser, "/account")).body).not.toContain("/beheer");
    const tried = await world.server.sql(`select actor_role, result from access_record where actor = '${world.accessLog.pseudonym(memberId)}' and data = 'counts'`);
    expect(tried).toEqual([{ actor_role: "member", result: "refused" }]);
  });
});

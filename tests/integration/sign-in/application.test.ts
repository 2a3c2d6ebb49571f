/** Attempts to be taken for a member by the web application: beside each, the right way in works. */
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page, TestBrowser } from "@jlam/test-browser";
import { tokenOf } from "@jlam/test-browser";
import { beforeAll, describe, expect, test } from "vitest";
import { secretPaths } from "../../../tools/jlam/src/secrets/provide.ts";
import { repositoryRoot } from "../../../tools/jlam/src/synth/platform.ts";
import { redis } from "../stack/databases.ts";
import { ci } from "../stack/environment.ts";
import { ask } from "../stack/https.ts";
import { agree, auth, cookies, isIn, isSkipped, newBrowser, signIn, signOutAtProvider, signedIn, site, standInMissing, titled, today, typePassword } from "./person.ts";

const missing = standInMissing();
const callback = `${site}/auth/callback`;
const sessionOf = (browser: TestBrowser): string => browser.cookie(site, cookies.application) ?? "";

/** A browser with nothing but somebody's session in it. */
function withSession(value: string): TestBrowser {
  const browser = newBrowser();
  browser.plant(site, cookies.application, value);
  return browser;
}

/** As far as the provider's answer, which is not delivered yet. */
async function answerFor(browser: TestBrowser, username: string, start = "/inloggen"): Promise<string> {
  const page = await browser.visit(`${site}${start}`, callback);
  return (page.location === undefined ? await typePassword(browser, page, username, callback) : page).location ?? "";
}

describe.skipIf(isSkipped(missing))(titled("the application's sign-in", missing), () => {
  let member: TestBrowser;

  beforeAll(async () => {
    member = await signedIn("member");
    await agree(member);
  });

  const memberPages = ["/account", "/dagboek", `/dagboek/${today()}`, "/toestemming", "/account/inzage", "/account/verwijderen", "/account/export.json", "/account/export.csv"];

  test.each(memberPages)("20: %s leads who is not signed in to the sign-in page, and shows nothing", async (path) => {
    const answer = await newBrowser().open(site + path);
    expect(answer.status).toBe(303);
    expect(answer.location).toMatch(new RegExp(`^${site}/inloggen\\?terug=/`));
    expect(answer.body).toBe("");
    expect((await member.open(site + path)).status).toBe(200);
  });

  test("20: the API answers 401 without a session", async () => {
    expect((await newBrowser().open(`${site}/api/dagboek`)).status).toBe(401);
    expect((await member.open(`${site}/api/dagboek`)).status).toBe(200);
  });

  test.each([
    ["X-authentik-username", "member"],
    ["X_authentik_uid", "6f1c1d9e-4b0a-4c57-9a3e-0d5a7c1e8b01"],
    ["Remote-User", "member"],
    ["Authorization", "Bearer forged"],
    ["Cookie", `${cookies.application}=${"a".repeat(43)}`],
    ["Cookie", `session=${"a".repeat(43)}`],
    ["Cookie", `${cookies.application}[]=x; ${cookies.application}=%00`],
  ])("21: %s: %s is nobody's session", async (name, value) => {
    expect((await ask("/account", { headers: [[name, value]] })).status).toBe(303);
    expect((await ask("/account", { headers: [["cookie", `${cookies.application}=${sessionOf(member)}`]] })).status).toBe(200);
  });

  test("22: a session that Redis let expire is over", async () => {
    const [browser, other] = [await signedIn("other-member"), await signedIn("other-member")];
    expect(await redis(`PEXPIRE ${placeOf(sessionOf(browser))} 1`)).toBe("1");
    expect([await isIn(browser), await isIn(other)]).toEqual([false, true]);
  });

  test("23: a copied session is worth nothing after signing out", async () => {
    const browser = newBrowser();
    const page = await signIn(browser, "other-member");
    const thief = withSession(sessionOf(browser));
    expect(await isIn(thief)).toBe(true);
    await browser.open(`${site}/uitloggen`, { token: tokenOf(page) });
    expect(await isIn(thief)).toBe(false);
  });

  test("24: nor after signing out at the provider, which tells the application", async () => {
    const browser = await signedIn("other-member");
    const thief = withSession(sessionOf(browser));
    expect(await isIn(thief)).toBe(true);
    await signOutAtProvider(browser, await browser.open(`${auth}/application/o/web/end-session/`));
    expect(await isIn(thief)).toBe(false);
    expect(await isIn(member)).toBe(true);
  });

  test("25: a session id that was planted before signing in is another one after it", async () => {
    const browser = newBrowser();
    await browser.open(`${site}/weergave`, { textSize: "large", contrast: "normal" });
    const thief = withSession(sessionOf(browser));
    await signIn(browser, "other-member");
    expect(await isIn(browser)).toBe(true);
    expect(await isIn(thief)).toBe(false);
  });

  test("26: the provider's answer is taken once", async () => {
    const browser = newBrowser();
    const answer = await answerFor(browser, "other-member");
    const attempt = browser.cookie(site, cookies.attempt) ?? "";
    expect((await browser.open(answer)).status).toBe(303);
    const thief = newBrowser();
    thief.plant(site, cookies.attempt, attempt);
    expect((await thief.open(answer)).status).toBe(400);
    expect([await isIn(thief), await isIn(browser)]).toEqual([false, true]);
  });

  test("27: and only in the browser that asked for it, so that nobody is signed in as somebody else", async () => {
    const answer = await answerFor(newBrowser(), "other-member");
    const victim = newBrowser();
    await victim.open(`${site}/inloggen`);
    expect((await victim.open(answer)).status).toBe(400);
    expect((await newBrowser().open(answer)).status).toBe(400);
    expect(await isIn(victim)).toBe(false);
  });

  test.each<[string, (query: URLSearchParams) => void]>([
    ["another state", (query) => query.set("state", "a".repeat(43))],
    ["no state", (query) => query.delete("state")],
    ["two states", (query) => query.append("state", "a".repeat(43))],
    ["another issuer", (query) => query.set("iss", `${auth}/application/o/other/`)],
    ["another code", (query) => query.set("code", "a".repeat(43))],
    ["no code", (query) => query.delete("code")],
  ])("28: an answer with %s is refused", async (_what, change) => {
    const browser = newBrowser();
    const answer = new URL(await answerFor(browser, "other-member"));
    change(answer.searchParams);
    expect((await browser.open(answer.href)).status).toBe(400);
    expect(await isIn(browser)).toBe(false);
    // What was not changed is taken, from the same browser.
    expect((await browser.open(await answerFor(browser, "other-member"))).status).toBe(303);
    expect(await isIn(browser)).toBe(true);
  });

  test("29: a code that was stolen is worth nothing with the thief's own state", async () => {
    const stolen = new URL(await answerFor(newBrowser(), "other-member")).searchParams.get("code") ?? "";
    const thief = newBrowser();
    const own = new URL(await answerFor(thief, "operator"));
    own.searchParams.set("code", stolen);
    expect((await thief.open(own.href)).status).toBe(400);
    expect(await isIn(thief)).toBe(false);
  });

  test("30: a member, who lacks the group, finds no page of operators", async () => {
    const answer = await member.open(`${site}/beheer`);
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain("Aantallen");
    expect((await (await signedIn("operator")).open(`${site}/beheer`)).status).toBe(200);
  });

  test.each(["//evil.example", "/\\evil.example", "https://evil.example/", "https:evil.example", "/%2f%2fevil.example", "/%09/evil.example", "/..;/evil", "/@evil.example", "javascript:alert(1)"])(
    "31: asked to lead to %s, signing in leads to the account",
    async (wanted) => {
      for (const query of [wanted, encodeURIComponent(wanted)]) {
        const browser = newBrowser();
        expect((await browser.open(await answerFor(browser, "other-member", `/inloggen?terug=${query}`))).location).toBe(`${site}/account`);
      }
    },
  );

  test("31: asked to lead to a page of this site, it does", async () => {
    const browser = newBrowser();
    expect((await browser.open(await answerFor(browser, "other-member", "/inloggen?terug=/dagboek"))).location).toBe(`${site}/dagboek`);
  });

  test.each<[string, (query: URLSearchParams) => void]>([
    ["an address of another site", (query) => query.set("redirect_uri", "https://evil.example/auth/callback")],
    ["an address below the right one", (query) => query.set("redirect_uri", `${callback}/../../evil`)],
    ["another page of this site", (query) => query.set("redirect_uri", `${site}/`)],
    ["an unknown client", (query) => query.set("client_id", "other")],
  ])("32: the provider sends no answer to %s", async (_what, change) => {
    const browser = newBrowser();
    const asked = new URL((await browser.open(`${site}/inloggen`)).location ?? "");
    expect((await newBrowser().open(asked.href)).status).toBe(303);
    change(asked.searchParams);
    const answer = await browser.open(asked.href);
    expect(answer.status).toBe(400);
    expect(answer.location).toBeUndefined();
  });

  test("32: nor, after signing out, a browser to another site", async () => {
    const leave = async (address: string): Promise<Page> => {
      const browser = newBrowser();
      const signedInPage = await signIn(browser, "other-member");
      const end = new URL((await browser.open(`${site}/uitloggen`, { token: tokenOf(signedInPage) })).location ?? "");
      end.searchParams.set("post_logout_redirect_uri", address);
      return await browser.open(end.href);
    };
    expect((await leave("https://evil.example/")).status).toBe(400);
    expect((await leave(`${site}/`)).status).toBe(200);
  });

  test.each([
    ["X-Forwarded-Host", "evil.example"],
    ["X-Forwarded-Proto", "http"],
    ["Forwarded", "host=evil.example;proto=http"],
    ["X-Original-Host", "evil.example"],
  ])("33: %s: %s changes no address that the provider is asked to answer to", async (name, value) => {
    const { headers } = await ask("/inloggen", { headers: [[name, value]] });
    expect(new URL(String(headers["location"])).searchParams.get("redirect_uri")).toBe(callback);
  });

  test.each(["/metrics", "/ready", "/auth/callback/../metrics"])("34: %s, which is for machines, tells a visitor nothing", async (path) => {
    const { text } = await ask(path);
    expect(text).not.toMatch(/process_cpu|http_request_duration/);
  });
});

/** Where Redis keeps a session: under a keyed hash of its id (apps/web/src/sessions/store.ts). */
function placeOf(session: string): string {
  const key = readFileSync(join(secretPaths(repositoryRoot, ci.name).files, "web", "SESSION_KEY"), "utf8").trim();
  return `session:${createHmac("sha256", key).update(session).digest("base64url")}`;
}

/** Attempts to act or to read as another member, once somebody is signed in: forms of other sites, tokens, ids, methods. */
import type { TestBrowser } from "@jlam/test-browser";
import { tokenOf } from "@jlam/test-browser";
import { SignJWT, UnsecuredJWT, generateKeyPair } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { ask } from "../stack/https.ts";
import { agree, auth, cookies, isIn, isSkipped, newBrowser, signedIn, signOutAtProvider, site, standInMissing, titled, today } from "./person.ts";

const missing = standInMissing();
const issuer = `${auth}/application/o/web/`;

/** Every form that the site has, with what it needs beside its token, and where it says that it was taken. */
const forms: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "/weergave": { textSize: "large", contrast: "normal" },
  [`/dagboek/${today()}`]: { gewicht: "71,5", stemming: "4" },
  [`/dagboek/${today()}/verwijderen`]: {},
  "/toestemming": { purpose: "newsletter", version: "1", decision: "withdrawn" },
  "/account/verwijderen": { confirmation: "a word that is not the right one" },
  "/account/behouden": {},
  "/uitloggen": {},
};

/** Where each of them is found. A form that nobody thought of here makes the first test fail. */
const pages = ["/", "/account", "/dagboek", `/dagboek/${today()}`, "/toestemming", "/account/inzage", "/account/verwijderen", "/privacy"];

async function formsOn(browser: TestBrowser): Promise<readonly string[]> {
  const bodies = await Promise.all(pages.map(async (path) => (await browser.open(site + path)).body));
  return bodies.flatMap((body) => [...body.matchAll(/<form\b[^>]*>/g)].map(([tag]) => tag).filter((tag) => /method="post"/.test(tag)).map((tag) => /action="([^"]+)"/.exec(tag)?.[1] ?? "none"));
}

describe.skipIf(isSkipped(missing))(titled("forms and data of members", missing), () => {
  let member: TestBrowser;
  let other: TestBrowser;

  beforeAll(async () => {
    [member, other] = [await signedIn("member"), await signedIn("other-member")];
    await agree(member);
    await agree(other);
    await write(member, "71,5");
    await write(other, "88,8");
  });

  const token = async (browser: TestBrowser): Promise<string> => tokenOf(await browser.open(`${site}/account`));
  const write = async (browser: TestBrowser, gewicht: string) => await browser.open(`${site}/dagboek/${today()}`, { gewicht, token: await token(browser) });

  test("35: every form of the pages is among those that are tried here", async () => {
    const found = new Set(await formsOn(member));
    // This one is there once somebody asked to be forgotten.
    expect(new Set([...found, "/account/behouden"])).toEqual(new Set(Object.keys(forms)));
  });

  describe.each(Object.entries(forms))("%s", (path, fields) => {
    test.each<[string, Readonly<Record<string, string>>]>([
      ["of another site", { origin: "https://evil.example" }],
      ["of another site, as browsers say it", { "sec-fetch-site": "cross-site" }],
      ["of another host of ours", { origin: auth }],
      ["of another host of ours, as browsers say it", { "sec-fetch-site": "same-site" }],
      ["of a page without an origin", { origin: "null" }],
    ])("35: a form %s is refused, even with the right token", async (_what, headers) => {
      expect((await member.open(site + path, { ...fields, token: await token(member) }, headers)).status).toBe(403);
    });

    test("35: without a token, with a wrong one or another member's it is refused, and from any page with the right one it isn't", async () => {
      for (const wrong of [{}, { token: "" }, { token: "a".repeat(86) }, { token: await token(other) }]) {
        expect((await member.open(site + path, { ...fields, ...wrong })).status).toBe(403);
      }
      const own = await signedIn("member");
      const { status } = await own.open(site + path, { ...fields, token: await token(own) });
      expect([303, 422]).toContain(status);
      // One of them removed this day.
      await write(member, "71,5");
    });

    test("36: it isn't done by GET, whatever a header or field says about the method", async () => {
      const query = new URLSearchParams({ ...fields, token: await token(member), _method: "POST" }).toString();
      const headers = { "x-http-method-override": "POST", "x-method-override": "POST", "x-http-method": "POST" };
      const before = await member.open(`${site}/api/dagboek`);
      await member.open(`${site}${path}?${query}`, undefined, headers);
      expect(await isIn(member)).toBe(true);
      expect((await member.open(`${site}/api/dagboek`)).body).toBe(before.body);
    });
  });

  test.each(["PUT", "PATCH", "DELETE", "TRACE", "OPTIONS"] as const)("36: %s does nothing to a day", async (method) => {
    const headers = [["cookie", `${cookies.application}=${member.cookie(site, cookies.application) ?? ""}`], ["origin", site]] as const;
    expect((await ask(`/dagboek/${today()}`, { method, headers })).status).toBeOneOf([403, 404, 405, 501]);
    expect((await member.open(`${site}/api/dagboek`)).body).toContain("71.5");
  });

  test("37: another member's days are not shown, whoever's id or name is asked for", async () => {
    const own = (await other.open(`${site}/api/dagboek`)).body;
    expect(own).toContain("88.8");
    for (const query of ["lid=1", "member=other-member", "member_id=6f1c1d9e-4b0a-4c57-9a3e-0d5a7c1e8b02", "subject=6f1c1d9e-4b0a-4c57-9a3e-0d5a7c1e8b02", "id[]=2"]) {
      const answer = await member.open(`${site}/api/dagboek?${query}`);
      expect(answer.body).toContain("71.5");
      expect(answer.body).not.toContain("88.8");
    }
    for (const path of ["/dagboek", `/dagboek/${today()}`, "/account/export.json", "/account/export.csv"]) {
      const { status, body } = await member.open(site + path);
      expect(status).toBe(200);
      expect(body).toMatch(/71[.,]5/);
      expect(body).not.toMatch(/88[.,]8/);
    }
  });

  test("37: a member's form changes their own day, and no other's, whatever it names", async () => {
    await member.open(`${site}/dagboek/${today()}`, { gewicht: "72,5", member: "other-member", member_id: "6f1c1d9e-4b0a-4c57-9a3e-0d5a7c1e8b02", token: await token(member) });
    expect((await member.open(`${site}/api/dagboek`)).body).toContain("72.5");
    expect((await other.open(`${site}/api/dagboek`)).body).toContain("88.8");
    await write(member, "71,5");
  });

  test("38: what is shown to one member is kept by no cache that another one asks", async () => {
    for (const path of ["/account", "/dagboek", "/toestemming", "/account/export.json"]) {
      const { headers } = await ask(path, { headers: [["cookie", `${cookies.application}=${member.cookie(site, cookies.application) ?? ""}`]] });
      expect(headers["cache-control"]).toBe("no-store");
    }
    const tag = (await ask("/api/dagboek", { headers: [["cookie", `${cookies.application}=${member.cookie(site, cookies.application) ?? ""}`]] })).headers["etag"];
    const others = await ask("/api/dagboek", { headers: [["cookie", `${cookies.application}=${other.cookie(site, cookies.application) ?? ""}`], ["if-none-match", String(tag)]] });
    expect(others.status).toBe(200);
  });

  describe("39: a message that somebody signed out", () => {
    const claims = () => ({ sub: "6f1c1d9e-4b0a-4c57-9a3e-0d5a7c1e8b02", jti: crypto.randomUUID(), events: { "http://schemas.openid.net/event/backchannel-logout": {} } });
    const send = async (logoutToken: string) => await newBrowser().open(`${site}/auth/backchannel-logout`, { logout_token: logoutToken });

    test.each<[string, () => Promise<string>]>([
      ["that is unsigned", async () => new UnsecuredJWT(claims()).setIssuer(issuer).setAudience("web").setIssuedAt().encode()],
      ["that is signed with a key of its sender", async () => await new SignJWT(claims()).setProtectedHeader({ alg: "RS256" }).setIssuer(issuer).setAudience("web").setIssuedAt().sign((await generateKeyPair("RS256")).privateKey)],
      ["of another issuer", async () => await new SignJWT(claims()).setProtectedHeader({ alg: "RS256" }).setIssuer("https://evil.example/").setAudience("web").setIssuedAt().sign((await generateKeyPair("RS256")).privateKey)],
      ["that is signed with a guessed secret", async () => await new SignJWT(claims()).setProtectedHeader({ alg: "HS256" }).setIssuer(issuer).setAudience("web").setIssuedAt().sign(Buffer.from("web"))],
      ["that is no token", async () => "a.b.c"],
    ])("%s ends no session", async (_what, make) => {
      expect((await send(await make())).status).toBe(400);
      expect(await isIn(other)).toBe(true);
    });

    test("from the provider does", async () => {
      const browser = await signedIn("other-member");
      const session = browser.cookie(site, cookies.application) ?? "";
      await signOutAtProvider(browser, await browser.open(`${issuer}end-session/`));
      const copy = newBrowser();
      copy.plant(site, cookies.application, session);
      expect(await isIn(copy)).toBe(false);
    });
  });

  test("40: accounts are erased by the application alone", async () => {
    for (const headers of [[], [["authorization", "Bearer guess"]], [["authorization", "Bearer "]], [["x-authentik-username", "akadmin"]]] as const) {
      expect((await ask("/api/v3/core/users/?uuid=6f1c1d9e-4b0a-4c57-9a3e-0d5a7c1e8b02", { headers }, new URL(auth).hostname)).status).toBe(403);
      expect((await ask("/api/v3/core/users/2/", { method: "DELETE", headers }, new URL(auth).hostname)).status).toBe(403);
    }
    expect(await isIn(await signedIn("other-member"))).toBe(true);
  });

  test("41: the provider's page for signing in takes nothing from another browser's form", async () => {
    const form = await newBrowser().visit(`${site}/account`);
    const victim = newBrowser();
    expect((await victim.open(form.url, { username: "member", password: "whatever it is" })).status).toBe(400);
    expect(await isIn(victim)).toBe(false);
  });
});

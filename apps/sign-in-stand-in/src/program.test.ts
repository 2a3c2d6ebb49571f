import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";

import { createBrowser } from "@jlam/test-browser";
import type { Page, TestBrowser } from "@jlam/test-browser";
import { createLocalJWKSet, decodeJwt, jwtVerify } from "jose";
import type { JSONWebKeySet } from "jose";
import { pino } from "pino";
import { expect, onTestFinished, test, vi } from "vitest";

import { createStandIn } from "./program.ts";
import type { Client, Settings } from "./settings.ts";

const AUTH = "https://auth.jlam.localhost";
const MONITOR = "https://monitor.jlam.localhost";
const METRICS = "https://metrics.jlam.localhost";
const ISSUER = `${AUTH}/application/o/web/`;
const WALL_ISSUER = `${AUTH}/application/o/sign-in-stand-in/`;
const CALLBACK = "https://jlam.localhost/auth/callback";
const SECOND_CALLBACK = "https://wiki.jlam.localhost/callback";
const PASSWORD = "only-for-this-test";
const TOKEN = "token-for-erasing-accounts";
const VERIFIER = "v".repeat(43);
const CHECK = "/outpost.goauthentik.io/auth/traefik";

/** What Traefik copies to the service behind the wall (apps/authentik/forward-auth.ts). */
const IDENTITY_HEADERS = ["username", "groups", "entitlements", "email", "name", "uid", "jwt", "meta-jwks", "meta-outpost", "meta-provider", "meta-app", "meta-version"];

interface World {
  readonly port: number;
  readonly browser: TestBrowser;
}

async function start({ clients = [client("web", CALLBACK)] }: Pick<Partial<Settings>, "clients"> = {}): Promise<World> {
  const protectedHosts = { "monitor.jlam.localhost": ["operators"], "metrics.jlam.localhost": ["operators"] };
  const server = createStandIn({ port: 0, origin: AUTH, clients, protectedHosts, password: PASSWORD }, pino({ level: "silent" }));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port is free");
  const { port } = address;
  return { port, browser: createBrowser({ [AUTH]: port, [MONITOR]: port, [METRICS]: port }) };
}

const client = (id: string, callbackUrl: string, signOutUrl?: string): Client => ({
  id,
  secret: `secret-of-${id}-for-this-test`,
  callbackUrl,
  signOutUrl,
  accountsToken: id === "web" ? TOKEN : undefined,
});

const credentials = (username: string) => ({ username, password: PASSWORD });

/** Asks as Traefik does for a request to a page behind the wall. */
const ask = (browser: TestBrowser, origin: string, uri = "/graph?g0=up"): Promise<Page> =>
  browser.open(`${origin}${CHECK}`, undefined, { "x-forwarded-uri": uri, "x-forwarded-method": "GET" });

async function passTheWall(browser: TestBrowser, username: string): Promise<Page> {
  const form = await browser.follow(await ask(browser, MONITOR));
  return await browser.follow(await browser.open(form.url, credentials(username)), `${MONITOR}/graph`);
}

test("discovery tells Authentik's addresses, and each of them answers", async () => {
  const { browser } = await start();
  const found: unknown = JSON.parse((await browser.open(`${ISSUER}.well-known/openid-configuration`)).body);
  expect(found).toMatchObject({
    issuer: ISSUER,
    authorization_endpoint: `${AUTH}/application/o/authorize/`,
    token_endpoint: `${AUTH}/application/o/token/`,
    userinfo_endpoint: `${AUTH}/application/o/userinfo/`,
    jwks_uri: `${ISSUER}jwks/`,
    end_session_endpoint: `${ISSUER}end-session/`,
    id_token_signing_alg_values_supported: expect.arrayContaining(["RS256"]),
    backchannel_logout_supported: true,
  });
  expect((await browser.open(`${ISSUER}jwks/`)).status).toBe(200);
  expect((await browser.open(`${AUTH}/application/o/token/`, { client_id: "web" })).status).toBe(400);
  expect((await browser.open(`${AUTH}/application/o/token/`, {})).status).toBe(401);
  expect((await browser.open(`${AUTH}/application/o/userinfo/`)).status).toBe(401);
  expect((await browser.open(`${ISSUER}end-session/`)).status).toBe(200);
});

test("the page for signing in is Dutch, says that it is a stand-in and refuses a wrong password", async () => {
  const { browser } = await start();
  const form = await browser.follow(await ask(browser, MONITOR));
  expect(form.body).toContain('<html lang="nl">');
  expect(form.body).toContain("Dit is niet Authentik, maar een stand-in");
  const wrong = await browser.open(form.url, { username: "operator", password: "guess" });
  expect(wrong.status).toBe(403);
  expect(wrong.body).toContain("horen niet bij elkaar");
  expect((await browser.open(form.url, { username: "nobody", password: PASSWORD })).status).toBe(403);
});

test("a person is sent to sign in, comes back to where they were going, and then passes with every header", async () => {
  const { browser, port } = await start();
  const refused = await ask(browser, MONITOR);
  expect(refused.status).toBe(302);
  expect(refused.location).toContain(`${AUTH}/application/o/authorize/?`);
  expect((await passTheWall(browser, "operator")).location).toBe(`${MONITOR}/graph?g0=up`);

  const cookie = `authentik_proxy_stand_in=${browser.cookie(MONITOR, "authentik_proxy_stand_in")}`;
  const passed = await fetch(`http://127.0.0.1:${port}${CHECK}`, { headers: { cookie, "x-forwarded-host": "monitor.jlam.localhost", "x-forwarded-uri": "/" } });
  expect(passed.status).toBe(200);
  for (const name of IDENTITY_HEADERS) expect(passed.headers.has(`x-authentik-${name}`)).toBe(true);
  expect(passed.headers.get("x-authentik-username")).toBe("operator");
  expect(passed.headers.get("x-authentik-groups")).toBe("operators");
  const keys = JSON.parse((await browser.open(`${WALL_ISSUER}jwks/`)).body) as JSONWebKeySet;
  const { payload } = await jwtVerify(passed.headers.get("x-authentik-jwt") ?? "", createLocalJWKSet(keys), { issuer: WALL_ISSUER, audience: "monitor.jlam.localhost" });
  expect(payload["preferred_username"]).toBe("operator");
});

test("several groups are joined as Authentik joins them", async () => {
  const { browser, port } = await start();
  await passTheWall(browser, "administrator");
  const cookie = `authentik_proxy_stand_in=${browser.cookie(MONITOR, "authentik_proxy_stand_in")}`;
  const passed = await fetch(`http://127.0.0.1:${port}${CHECK}`, { headers: { cookie, "x-forwarded-host": "monitor.jlam.localhost" } });
  expect(passed.headers.get("x-authentik-groups")).toBe("administrators|operators");
});

test("a member without the group is signed in and still does not pass", async () => {
  const { browser } = await start();
  await passTheWall(browser, "member");
  const page = await ask(browser, MONITOR);
  expect(page.status).toBe(403);
  expect(page.body).toContain("Geen toegang");
});

test("the session of one host opens no other, but needs no second password there", async () => {
  const { browser } = await start();
  await passTheWall(browser, "operator");
  browser.plant(METRICS, "authentik_proxy_stand_in", browser.cookie(MONITOR, "authentik_proxy_stand_in") ?? "");
  const page = await ask(browser, METRICS);
  expect(page.status).toBe(302);
  expect((await browser.follow(page, `${METRICS}/graph`)).location).toBe(`${METRICS}/graph?g0=up`);
  expect((await ask(browser, METRICS)).status).toBe(200);
});

test("an answer that belongs to another browser, or comes twice, signs nobody in", async () => {
  const { browser, port } = await start();
  const form = await browser.follow(await ask(browser, MONITOR));
  const answer = (await browser.follow(await browser.open(form.url, credentials("operator")), `${MONITOR}/outpost`)).location ?? "";
  const other = createBrowser({ [AUTH]: port, [MONITOR]: port });
  expect((await other.open(answer)).status).toBe(400);
  // The attempt is spent by then.
  expect((await browser.open(answer)).status).toBe(400);
  expect(browser.cookie(MONITOR, "authentik_proxy_stand_in")).toBeUndefined();
});

test.each(["//evil.example/", "https://evil.example/", "/\\evil.example"])("asked to come back at %s, a person comes back at the front page of the host", async (wanted) => {
  const { browser } = await start();
  const form = await browser.visit(`${MONITOR}/outpost.goauthentik.io/start?rd=${encodeURIComponent(wanted)}`);
  const back = await browser.follow(await browser.open(form.url, credentials("operator")), `${MONITOR}/outpost`);
  expect((await browser.open(back.location ?? "")).location).toBe(`${MONITOR}/`);
});

test("signing out of a host ends its session there", async () => {
  const { browser } = await start();
  await passTheWall(browser, "operator");
  const session = browser.cookie(MONITOR, "authentik_proxy_stand_in") ?? "";
  expect((await browser.open(`${MONITOR}/outpost.goauthentik.io/sign_out`)).location).toBe(`${WALL_ISSUER}end-session/`);
  browser.plant(MONITOR, "authentik_proxy_stand_in", session);
  expect((await ask(browser, MONITOR)).status).toBe(302);
});

test("the wall's ping answers 204 on every host, and an unknown host is told that it has no application", async () => {
  const { browser, port } = await start();
  expect((await browser.open(`${MONITOR}/outpost.goauthentik.io/ping`)).status).toBe(204);
  const unknown = await fetch(`http://127.0.0.1:${port}${CHECK}`, { headers: { "x-forwarded-host": "evil.example" } });
  expect(unknown.status).toBe(400);
  expect(await unknown.json()).toEqual({ message: "no app for hostname" });
});

test("a code for the application is not taken by the wall", async () => {
  const { browser } = await start();
  const query = new URLSearchParams({ client_id: "web", response_type: "code", redirect_uri: CALLBACK, scope: "openid profile", code_challenge: "c".repeat(43), code_challenge_method: "S256" });
  const form = await browser.visit(`${AUTH}/application/o/authorize/?${query.toString()}`);
  const answer = new URL((await browser.follow(await browser.open(form.url, credentials("operator")), CALLBACK)).location ?? "");
  const own = new URL((await ask(browser, MONITOR)).location ?? "");
  const swapped = new URLSearchParams({ code: answer.searchParams.get("code") ?? "", state: own.searchParams.get("state") ?? "" });
  expect((await browser.open(`${MONITOR}/outpost.goauthentik.io/callback?${swapped.toString()}`)).status).toBe(400);
});

/** Signs in at an application as far as its callback. */
async function codeFor(browser: TestBrowser, id: string, callback: string, username?: string): Promise<string> {
  const challenge = Buffer.from(await crypto.subtle.digest("SHA-256", Buffer.from(VERIFIER))).toString("base64url");
  const query = new URLSearchParams({ client_id: id, response_type: "code", redirect_uri: callback, scope: "openid profile", code_challenge: challenge, code_challenge_method: "S256" });
  const page = await browser.visit(`${AUTH}/application/o/authorize/?${query.toString()}`, callback);
  const answer = username === undefined ? page : await browser.follow(await browser.open(page.url, credentials(username)), callback);
  return new URL(answer.location ?? "").searchParams.get("code") ?? "";
}

async function redeem(port: number, id: string, callback: string, code: string): Promise<{ readonly status: number; readonly idToken: string; readonly accessToken: string }> {
  const grant = { grant_type: "authorization_code", client_id: id, client_secret: `secret-of-${id}-for-this-test`, redirect_uri: callback, code, code_verifier: VERIFIER };
  const answer = await fetch(`http://127.0.0.1:${port}/application/o/token/`, { method: "POST", body: new URLSearchParams(grant) });
  const { id_token: idToken = "", access_token: accessToken = "" } = (await answer.json()) as { id_token?: string; access_token?: string };
  return { status: answer.status, idToken, accessToken };
}

test("the ID token holds the name and groups, as Authentik's does, and the fixed id of the demo account", async () => {
  const { browser, port } = await start();
  const { idToken } = await redeem(port, "web", CALLBACK, await codeFor(browser, "web", CALLBACK, "member"));
  expect(decodeJwt(idToken)).toMatchObject({ iss: ISSUER, aud: "web", name: "Noor de Vries", groups: ["members"], sub: "6f1c1d9e-4b0a-4c57-9a3e-0d5a7c1e8b01" });
});

test("each client has an issuer of its own, and whoever signed in at one is known at the other", async () => {
  const { browser, port } = await start({ clients: [client("web", CALLBACK), client("wiki", SECOND_CALLBACK)] });
  await codeFor(browser, "web", CALLBACK, "member");
  const { idToken, accessToken } = await redeem(port, "wiki", SECOND_CALLBACK, await codeFor(browser, "wiki", SECOND_CALLBACK));
  expect(decodeJwt(idToken)).toMatchObject({ iss: `${AUTH}/application/o/wiki/`, aud: "wiki", name: "Noor de Vries" });
  const person = await fetch(`http://127.0.0.1:${port}/application/o/userinfo/`, { headers: { authorization: `Bearer ${accessToken}` } });
  expect(await person.json()).toMatchObject({ name: "Noor de Vries" });
});

test("the code of one client is worth nothing to another", async () => {
  const { browser, port } = await start({ clients: [client("web", CALLBACK), client("wiki", SECOND_CALLBACK)] });
  const code = await codeFor(browser, "web", CALLBACK, "member");
  expect((await redeem(port, "wiki", SECOND_CALLBACK, code)).status).toBe(400);
  expect((await redeem(port, "web", CALLBACK, await codeFor(browser, "web", CALLBACK))).status).toBe(200);
});

/** An application that is told of sign-outs: the issuers that told it. */
async function listen(): Promise<{ readonly told: readonly string[]; readonly signOutUrl: string }> {
  const told: string[] = [];
  const ear = createServer((request, response) => {
    void text(request).then((body) => {
      told.push(decodeJwt(new URLSearchParams(body).get("logout_token") ?? "").iss ?? "");
      response.end();
    });
  });
  ear.listen(0, "127.0.0.1");
  await once(ear, "listening");
  onTestFinished(() => void ear.close());
  const address = ear.address();
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return { told, signOutUrl: `http://127.0.0.1:${address.port}/` };
}

test("signing out at one client tells every other one, each in the name of its own issuer, and closes the wall", async () => {
  const { told, signOutUrl } = await listen();
  const { browser } = await start({ clients: [client("web", CALLBACK, signOutUrl), client("wiki", SECOND_CALLBACK, signOutUrl)] });
  await codeFor(browser, "web", CALLBACK, "operator");
  await codeFor(browser, "wiki", SECOND_CALLBACK);
  await browser.follow(await ask(browser, MONITOR), `${MONITOR}/graph`);
  expect((await ask(browser, MONITOR)).status).toBe(200);

  const page = await browser.open(`${ISSUER}end-session/`);
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(page.body)?.[1] ?? "";
  await browser.open(`${ISSUER}end-session/confirm`, { xsrf, logout: "yes" });
  await expect.poll(() => told.toSorted()).toEqual([ISSUER, `${AUTH}/application/o/wiki/`]);
  expect((await ask(browser, MONITOR)).status).toBe(302);
});

test("without any client the wall still stands and opens", async () => {
  const { browser } = await start({ clients: [] });
  await passTheWall(browser, "operator");
  expect((await ask(browser, MONITOR)).status).toBe(200);
  expect((await browser.open(`${ISSUER}.well-known/openid-configuration`)).status).toBe(404);
  expect((await browser.open(`${AUTH}/application/o/authorize/?client_id=web`)).status).toBe(400);
});

test("a wall's session ends after eight hours", async () => {
  const { browser } = await start();
  await passTheWall(browser, "operator");
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 8 * 3_600_000 - 60_000 });
  onTestFinished(() => void vi.useRealTimers());
  expect((await ask(browser, MONITOR)).status).toBe(200);
  vi.setSystemTime(Date.now() + 120_000);
  expect((await ask(browser, MONITOR)).status).toBe(302);
});

const newcomer = { name: "Mila Jansen", email: "Mila@voorbeeld.nl", password: "een hele lange zin", repeated: "een hele lange zin" };

/** The page on which an account is made, in the middle of signing in. */
async function signUpPage(browser: TestBrowser): Promise<string> {
  const form = await browser.follow(await ask(browser, MONITOR));
  return new URL(/href="([^"]+account-maken)"/.exec(form.body)?.[1] ?? "", AUTH).href;
}

test("somebody without an account makes one, and is signed in as a member with it, then and later", async () => {
  const { browser, port } = await start();
  const page = await browser.open(await signUpPage(browser));
  expect(page.body).toContain("<h1>Account maken</h1>");
  expect((await browser.follow(await browser.open(page.url, newcomer), `${MONITOR}/graph`)).location).toBe(`${MONITOR}/graph?g0=up`);
  expect((await ask(browser, MONITOR)).status).toBe(403);

  const later = createBrowser({ [AUTH]: port });
  const again = await later.visit(`${AUTH}/application/o/authorize/?client_id=web&response_type=code&redirect_uri=${CALLBACK}&scope=openid&code_challenge=${"c".repeat(43)}&code_challenge_method=S256`);
  expect((await later.open(again.url, { username: "mila@voorbeeld.nl", password: "een andere zin" })).status).toBe(403);
  expect((await later.follow(await later.open(again.url, { username: "mila@voorbeeld.nl", password: newcomer.password }), CALLBACK)).location).toContain("code=");
});

test.each<[string, Partial<typeof newcomer>, string]>([
  ["no name", { name: " " }, "Vul je naam in."],
  ["no e-mail address", { email: "mila" }, "Vul een e-mailadres in"],
  ["a short password", { password: "kort", repeated: "kort" }, "ten minste 12 tekens"],
  ["two passwords", { repeated: "een hele andere zin" }, "niet gelijk"],
])("%s makes no account, and the page says why and keeps what was filled in", async (_what, wrong, message) => {
  const { browser } = await start();
  const page = await browser.open(await signUpPage(browser), { ...newcomer, name: 'Mila "M" <Jansen>', ...wrong });
  expect(page.status).toBe(422);
  expect(page.body).toContain(message);
  expect(page.body).not.toContain("<Jansen>");
  if (wrong.name === undefined) expect(page.body).toContain('value="Mila &quot;M&quot; &lt;Jansen&gt;"');
  expect(page.body).not.toContain(newcomer.password);
});

test("an address has one account", async () => {
  const { browser, port } = await start();
  await browser.open(await signUpPage(browser), newcomer);
  const other = createBrowser({ [AUTH]: port, [MONITOR]: port });
  const page = await other.open(await signUpPage(other), { ...newcomer, email: "mila@VOORBEELD.nl" });
  expect(page.status).toBe(422);
  expect(page.body).toContain("heeft al een account");
});

test("neither form works without the cookie of the attempt that it belongs to, as when another site sends it", async () => {
  const { browser, port } = await start();
  const page = await signUpPage(browser);
  const stranger = createBrowser({ [AUTH]: port });
  expect((await stranger.open(page, newcomer)).status).toBe(400);
  expect((await stranger.open(page.replace("/account-maken", ""), credentials("operator"))).status).toBe(400);
  expect((await browser.open(page, newcomer)).status).toBe(303);
});

const USERS = `${AUTH}/api/v3/core/users/`;
const bearer = { authorization: `Bearer ${TOKEN}` };
const MEMBER_UUID = "6f1c1d9e-4b0a-4c57-9a3e-0d5a7c1e8b01";

test("an account is found by its id and erased: applications are told, its sessions are gone, and it can't sign in any more", async () => {
  const { told, signOutUrl } = await listen();
  const { browser, port } = await start({ clients: [client("web", CALLBACK, signOutUrl)] });
  await codeFor(browser, "web", CALLBACK, "member");
  const found = JSON.parse((await browser.open(`${USERS}?uuid=${MEMBER_UUID}`, undefined, bearer)).body) as { results: { pk: number }[] };
  expect(found).toMatchObject({ pagination: { count: 1 }, results: [{ uuid: MEMBER_UUID, username: "member" }] });

  const address = `http://127.0.0.1:${port}/api/v3/core/users/${found.results[0]?.pk}/`;
  expect((await fetch(address, { method: "DELETE", headers: bearer })).status).toBe(204);
  expect((await fetch(address, { method: "DELETE", headers: bearer })).status).toBe(404);
  expect(JSON.parse((await browser.open(`${USERS}?uuid=${MEMBER_UUID}`, undefined, bearer)).body)).toMatchObject({ results: [] });
  await expect.poll(() => told).toEqual([ISSUER]);
  const form = await browser.follow(await ask(browser, MONITOR));
  expect(form.body).toContain("<h1>Inloggen</h1>");
  expect((await browser.open(form.url, credentials("member"))).status).toBe(403);
});

test.each(["events/events/?search=member", "policies/reputation/scores/?identifier_in=member"])("the API keeps nothing else about a person: %s", async (path) => {
  const { browser } = await start();
  expect(JSON.parse((await browser.open(`${AUTH}/api/v3/${path}`, undefined, bearer)).body)).toMatchObject({ pagination: { count: 0, next: 0 }, results: [] });
});

test("the API does nothing without the token", async () => {
  const { browser, port } = await start();
  for (const headers of [{}, { authorization: "Bearer guess" }, { authorization: "Bearer " }]) {
    expect((await browser.open(`${USERS}?uuid=${MEMBER_UUID}`, undefined, headers)).status).toBe(403);
    expect((await fetch(`http://127.0.0.1:${port}/api/v3/core/users/1/`, { method: "DELETE", headers })).status).toBe(403);
  }
  expect((await browser.open(`${USERS}?uuid=${MEMBER_UUID}`, undefined, bearer)).body).toContain(MEMBER_UUID);
});

test("its own health check answers", async () => {
  const { port } = await start();
  expect((await fetch(`http://127.0.0.1:${port}/-/health/live/`)).status).toBe(200);
});

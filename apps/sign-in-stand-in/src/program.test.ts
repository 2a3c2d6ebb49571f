import { once } from "node:events";

import { createBrowser } from "@jlam/test-browser";
import type { Page, TestBrowser } from "@jlam/test-browser";
import { createLocalJWKSet, decodeJwt, jwtVerify } from "jose";
import type { JSONWebKeySet } from "jose";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";

import { createStandIn } from "./program.ts";

const AUTH = "https://auth.jlam.localhost";
const MONITOR = "https://monitor.jlam.localhost";
const METRICS = "https://metrics.jlam.localhost";
const ISSUER = `${AUTH}/application/o/web/`;
const CALLBACK = "https://jlam.localhost/auth/callback";
const PASSWORD = "only-for-this-test";
const CHECK = "/outpost.goauthentik.io/auth/traefik";

/** What Traefik copies to the service behind the wall (apps/authentik/forward-auth.ts). */
const IDENTITY_HEADERS = ["username", "groups", "entitlements", "email", "name", "uid", "jwt", "meta-jwks", "meta-outpost", "meta-provider", "meta-app", "meta-version"];

async function start(): Promise<{ readonly port: number; readonly browser: TestBrowser }> {
  const settings = {
    port: 0,
    issuer: ISSUER,
    client: { id: "web", secret: "secret-for-this-test", callbackUrl: CALLBACK, backChannelLogoutUrl: undefined },
    protectedHosts: { "monitor.jlam.localhost": ["operators"], "metrics.jlam.localhost": ["operators"] },
    password: PASSWORD,
  };
  const server = createStandIn(settings, pino({ level: "silent" }));
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
  expect((await browser.open(`${AUTH}/application/o/token/`, {})).status).toBe(400);
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
  const keys = JSON.parse((await browser.open(`${ISSUER}jwks/`)).body) as JSONWebKeySet;
  const { payload } = await jwtVerify(passed.headers.get("x-authentik-jwt") ?? "", createLocalJWKSet(keys), { issuer: ISSUER, audience: "monitor.jlam.localhost" });
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
  expect((await browser.open(`${MONITOR}/outpost.goauthentik.io/sign_out`)).location).toBe(`${ISSUER}end-session/`);
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

test("the ID token holds the name and groups, as Authentik's does", async () => {
  const { browser, port } = await start();
  const verifier = "v".repeat(43);
  const challenge = Buffer.from(await crypto.subtle.digest("SHA-256", Buffer.from(verifier))).toString("base64url");
  const query = new URLSearchParams({ client_id: "web", response_type: "code", redirect_uri: CALLBACK, scope: "openid profile", code_challenge: challenge, code_challenge_method: "S256" });
  const form = await browser.visit(`${AUTH}/application/o/authorize/?${query.toString()}`);
  const code = new URL((await browser.follow(await browser.open(form.url, credentials("member")), CALLBACK)).location ?? "").searchParams.get("code") ?? "";
  const tokens = await fetch(`http://127.0.0.1:${port}/application/o/token/`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      client_id: "web",
      client_secret: "secret-for-this-test",
      redirect_uri: CALLBACK,
      code,
      code_verifier: verifier,
    }),
  });
  const { id_token: idToken } = (await tokens.json()) as { id_token: string };
  expect(decodeJwt(idToken)).toMatchObject({ iss: ISSUER, aud: "web", name: "Noor de Vries", groups: ["members"], sub: expect.stringMatching(/^[0-9a-f]{64}$/) });
});

test("its own health check answers", async () => {
  const { port } = await start();
  expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
});

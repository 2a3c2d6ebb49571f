import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";

import { connectionOptions, openDatabase } from "../database/connection.ts";
import { migrations } from "../database/migrations/index.ts";
import { runMigrations } from "../database/run-migrations.ts";
import type { Tables } from "../database/tables.ts";
import { createLogger } from "../logging.ts";
import { openSessionsClient } from "../sessions/connection.ts";
import type { SessionsClient } from "../sessions/connection.ts";
import { TEST_ORIGIN } from "../testing/application.ts";
import { createBrowser, tokenOf } from "@jlam/test-browser";
import type { Page, TestBrowser } from "@jlam/test-browser";
import { makeSecretFiles, postgresImage, redisImage, startPostgres, startRedis } from "../testing/containers.ts";
import type { TestDatabase, TestRedis } from "../testing/containers.ts";
import { AUTH_ORIGIN, CLIENT_SECRET, ISSUER, startForgingProvider } from "../testing/forging-provider.ts";
import type { ForgingProvider, Lies } from "../testing/forging-provider.ts";
import { startSignInApplication } from "../testing/sign-in-application.ts";
import type { SignInApplication, SignInApplicationOptions } from "../testing/sign-in-application.ts";

const [postgres, redisName] = [await postgresImage(), await redisImage()];
const logger = createLogger({ level: "silent", service: "web", environment: "test" });
const CALLBACK = `${TEST_ORIGIN}/auth/callback`;
const LOGOUT = `${TEST_ORIGIN}/auth/backchannel-logout`;

describe.skipIf(postgres === undefined || redisName === undefined)("signing in (needs images of postgres and redis)", () => {
  let secrets: Awaited<ReturnType<typeof makeSecretFiles>>;
  let server: TestDatabase;
  let redis: TestRedis;
  let client: SessionsClient;
  let database: Kysely<Tables>;
  let secretFile: string;

  beforeAll(async () => {
    secrets = await makeSecretFiles();
    [server, redis] = await Promise.all([startPostgres(postgres ?? "", secrets), startRedis(redisName ?? "", secrets)]);
    secretFile = await secrets.write("client-secret", CLIENT_SECRET);
    const owner = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: new pg.Pool({ ...(await connectionOptions(server.owner)), max: 1 }) }) });
    await runMigrations(owner, migrations, { until: "all", lockLimit: 20_000 }, logger);
    await owner.destroy();
    database = await openDatabase(server.application, logger);
    client = await openSessionsClient(redis.settings, logger);
    await vi.waitFor(() => expect(client.isReady).toBe(true));
  }, 120_000);

  afterAll(async () => {
    client.destroy();
    await database.destroy();
    await Promise.all([server.container.stop(), redis.container.stop()]);
    await secrets.remove();
  });

  beforeEach(async () => {
    await redis.command("flushall");
  });

  interface World {
    readonly provider: ForgingProvider;
    readonly application: SignInApplication;
    readonly browser: TestBrowser;
    /** A browser of somebody else. */
    readonly other: TestBrowser;
  }

  async function world(lies: Partial<Lies> = {}, options: Partial<SignInApplicationOptions> = {}): Promise<World> {
    const provider = await startForgingProvider();
    Object.assign(provider.lies, lies);
    onTestFinished(() => provider.stop());
    const settings = {
      issuer: ISSUER,
      clientId: "web",
      clientSecretFile: secretFile,
      callbackUrl: CALLBACK,
      backChannel: `http://127.0.0.1:${provider.port}`,
      requiredGroups: ["members"],
      backChannelLogoutPath: "/auth/backchannel-logout",
    };
    const application = await startSignInApplication({ database, client, key: randomBytes(32), settings, ...options });
    onTestFinished(() => application.stop());
    const ports = { [TEST_ORIGIN]: application.port, [AUTH_ORIGIN]: provider.port };
    return { provider, application, browser: createBrowser(ports), other: createBrowser(ports) };
  }

  const sessionOf = (browser: TestBrowser): string | undefined => browser.cookie(TEST_ORIGIN, "__Host-session");
  const signIn = (browser: TestBrowser): Promise<Page> => browser.visit(`${TEST_ORIGIN}/account`);
  const isIn = async (browser: TestBrowser): Promise<boolean> => (await browser.open(`${TEST_ORIGIN}/account`)).status === 200;
  /** Goes as far as the provider's answer, which is not delivered yet. */
  const answerFor = async (browser: TestBrowser, start = "/inloggen"): Promise<string> =>
    (await browser.visit(`${TEST_ORIGIN}${start}`, CALLBACK)).location ?? "";

  async function expectRefused(lies: Partial<Lies>, status: number, title: string): Promise<void> {
    const { browser } = await world(lies);
    const page = await signIn(browser);
    expect(page.status).toBe(status);
    expect(page.body).toContain(title);
    expect(page.body).not.toMatch(/\bat .*\.ts|Error/);
    expect(sessionOf(browser)).toBeUndefined();
    expect(await isIn(browser)).toBe(false);
  }

  test("a member signs in, sees their own page, and every part of the request to the provider is there", async () => {
    const { browser, provider } = await world();
    const toProvider = await browser.visit(`${TEST_ORIGIN}/account`, AUTH_ORIGIN);
    const asked = Object.fromEntries(new URL(toProvider.location ?? "").searchParams);
    expect(asked).toMatchObject({ response_type: "code", client_id: "web", redirect_uri: CALLBACK, scope: "openid profile", code_challenge_method: "S256" });
    expect(asked["state"]).toMatch(/^[\w-]{43}$/);
    expect(asked["nonce"]).toMatch(/^[\w-]{43}$/);
    expect(toProvider.setCookies[0]).toMatch(/^__Host-sign-in=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/);

    const page = await browser.follow(toProvider);
    expect(page.url).toBe(`${TEST_ORIGIN}/account`);
    expect(page.body).toContain("Welkom, Noor de Vries");
    expect(provider.redeemed[0]?.get("code_verifier")).toMatch(/^[\w-]{43}$/);
    expect(browser.cookie(TEST_ORIGIN, "__Host-sign-in")).toBeUndefined();
    expect((await browser.open(TEST_ORIGIN)).body).toContain('href="/account">Mijn account');
  });

  test("signing in twice is one member, and the database holds neither the name nor the provider's own id", async () => {
    await server.sql("delete from member");
    const { browser, other } = await world();
    await signIn(browser);
    await signIn(other);
    const rows = await server.sql("select to_jsonb(member) as row from member");
    expect(rows).toHaveLength(1);
    expect(Object.keys(rows[0]?.["row"] ?? {}).sort()).toEqual(["created_at", "id", "subject"]);
    expect(JSON.stringify(rows)).not.toMatch(/Noor|5e884898da28/);
  });

  test("no line of the log tells who signed in or out", async () => {
    const { browser, application, provider } = await world();
    const page = await signIn(browser);
    const session = sessionOf(browser) ?? "";
    await browser.open(CALLBACK);
    await browser.open(LOGOUT, { logout_token: await provider.logoutToken({ sub: "5e884898da28" }, "other-key") });
    await browser.open(`${TEST_ORIGIN}/uitloggen`, { token: tokenOf(page) });
    provider.lies.claims = { groups: ["5e884898da28"], iss: "https://noor.example" };
    await signIn(browser);
    const log = application.lines.join("");
    expect(log).toContain('"route":"/auth/callback"');
    expect(log).toContain("an answer of the sign-in provider was refused");
    const rows = await server.sql("select id, subject from member");
    for (const personal of ["Noor", "5e884898da28", "noor.example", session, ...rows.flatMap((row) => [String(row["id"]), String(row["subject"])])]) {
      expect(log).not.toContain(personal);
    }
  });

  test.each<[string, Partial<Lies>, number, string]>([
    ["a nonce that is not this attempt's", { claims: { nonce: "another" } }, 400, "Inloggen is niet gelukt"],
    ["no nonce", { claims: { nonce: undefined } }, 400, "Inloggen is niet gelukt"],
    ["another issuer in the token", { claims: { iss: `${AUTH_ORIGIN}/application/o/other/` } }, 400, "Inloggen is niet gelukt"],
    ["another issuer in the discovery document", { discoveredIssuer: "https://evil.example/" }, 503, "Inloggen lukt nu even niet"],
    ["a token for another application", { claims: { aud: "monitor" } }, 400, "Inloggen is niet gelukt"],
    ["an expired token", { claims: { exp: 1_700_000_000 } }, 400, "Inloggen is niet gelukt"],
    ["an unsigned token", { signature: "none" }, 400, "Inloggen is niet gelukt"],
    ["a token signed with another key", { signature: "other-key" }, 400, "Inloggen is niet gelukt"],
    ["a token signed with the client's secret", { signature: "client-secret" }, 400, "Inloggen is niet gelukt"],
    ["a state that is not this attempt's", { state: "another" }, 400, "Inloggen is niet gelukt"],
    ["a member of other groups only", { claims: { groups: ["operators"] } }, 403, "Dit account heeft geen toegang"],
    ["a person without groups", { claims: { groups: undefined } }, 403, "Dit account heeft geen toegang"],
    ["groups that are no list", { claims: { groups: "members" } }, 400, "Inloggen is niet gelukt"],
    ["a provider that fails", { status: 500 }, 503, "Inloggen lukt nu even niet"],
  ])("%s signs nobody in", async (_what, lies, status, title) => {
    await expectRefused(lies, status, title);
  });

  test("a provider that is gone gives the Dutch page, and its return is noticed", async () => {
    const { browser, provider } = await world({ status: 502 });
    expect((await signIn(browser)).status).toBe(503);
    provider.lies.status = undefined;
    expect((await signIn(browser)).status).toBe(200);
    const callback = await answerFor(browser);
    await provider.stop();
    const page = await browser.open(callback);
    expect(page.status).toBe(503);
    expect(page.body).toContain("Inloggen lukt nu even niet");
  });

  test("an answer is taken once: replayed, it finds no attempt and reaches no provider", async () => {
    const { browser, provider } = await world();
    const callback = await answerFor(browser);
    const attempt = browser.cookie(TEST_ORIGIN, "__Host-sign-in") ?? "";
    expect((await browser.open(callback)).status).toBe(303);
    browser.plant(TEST_ORIGIN, "__Host-sign-in", attempt);
    const again = await browser.open(callback);
    expect(again.status).toBe(400);
    expect(again.body).toContain("Dit inloggen is verlopen");
    expect(provider.redeemed).toHaveLength(1);
  });

  test("an answer that was meant for another browser signs nobody in", async () => {
    const { browser, other, provider } = await world();
    const callback = await answerFor(browser);
    expect((await other.open(callback)).status).toBe(400);
    await answerFor(other);
    expect((await other.open(callback)).status).toBe(400);
    expect(sessionOf(other)).toBeUndefined();
    expect(provider.redeemed).toHaveLength(0);
  });

  test("a code that was stolen from another browser is refused, even with the thief's own state", async () => {
    const { browser, other, provider } = await world();
    const stolen = new URL(await answerFor(browser)).searchParams.get("code") ?? "";
    const own = new URL(await answerFor(other));
    own.searchParams.set("code", stolen);
    expect((await other.open(own.href)).body).toContain("Inloggen is niet gelukt");
    expect(provider.redeemed).toHaveLength(1);
    expect(sessionOf(other)).toBeUndefined();
  });

  test("an attempt that took too long has to begin again", async () => {
    const { browser } = await world({}, { attemptLife: 1 });
    const callback = await answerFor(browser);
    await sleep(1_200);
    expect((await browser.open(callback)).body).toContain("Dit inloggen is verlopen");
    expect(sessionOf(browser)).toBeUndefined();
  });

  test.each(["//evil.example", "/\\evil.example", "https://evil.example/", "https:evil.example", "%2f%2fevil.example", "/%2f%2fevil.example", "/%09/evil.example"])(
    "asked to lead to %s, signing in leads to the account page",
    async (wanted) => {
      const { browser } = await world();
      for (const query of [wanted, encodeURIComponent(wanted)]) {
        const callback = await answerFor(browser, `/inloggen?terug=${query}`);
        expect((await browser.open(callback)).location).toBe(`${TEST_ORIGIN}/account`);
      }
    },
  );

  test("an own page is where signing in leads to when it was asked for", async () => {
    const { browser } = await world();
    expect((await browser.open(await answerFor(browser, "/inloggen?terug=/"))).location).toBe(`${TEST_ORIGIN}/`);
  });

  test("the session gets a new id at sign-in, so that one planted before is worth nothing", async () => {
    const { browser, other } = await world();
    await other.open(`${TEST_ORIGIN}/weergave`, { textSize: "large", contrast: "normal" });
    const planted = sessionOf(other) ?? "";
    browser.plant(TEST_ORIGIN, "__Host-session", planted);
    const page = await signIn(browser);
    expect(sessionOf(browser)).not.toBe(planted);
    expect(page.body).toContain('class="text-large contrast-normal"');
    expect(await isIn(browser)).toBe(true);
    expect(await isIn(other)).toBe(false);
  });

  test("an id that nobody was given is not taken over at sign-in", async () => {
    const { browser } = await world();
    browser.plant(TEST_ORIGIN, "__Host-session", "a".repeat(43));
    await signIn(browser);
    expect(sessionOf(browser)).not.toBe("a".repeat(43));
  });

  test("signing out needs the page's token, ends the session here and leads to the provider's end", async () => {
    const { browser, other } = await world();
    const page = await signIn(browser);
    const session = sessionOf(browser) ?? "";
    for (const form of [{}, { token: "wrong" }]) expect((await browser.open(`${TEST_ORIGIN}/uitloggen`, form)).status).toBe(403);
    const foreign = await browser.open(`${TEST_ORIGIN}/uitloggen`, { token: tokenOf(page) }, { origin: "https://evil.example" });
    expect(foreign.status).toBe(403);
    expect(await isIn(browser)).toBe(true);

    const out = await browser.open(`${TEST_ORIGIN}/uitloggen`, { token: tokenOf(page) });
    const end = new URL(out.location ?? "");
    expect(end.origin + end.pathname).toBe(`${ISSUER}end-session/`);
    expect(end.searchParams.get("post_logout_redirect_uri")).toBe(`${TEST_ORIGIN}/`);
    expect(end.searchParams.get("id_token_hint")).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    other.plant(TEST_ORIGIN, "__Host-session", session);
    expect(await isIn(other)).toBe(false);
  });

  test("the token of another member's page signs nobody out", async () => {
    const { browser, other } = await world();
    await signIn(browser);
    const theirs = tokenOf(await signIn(other));
    expect((await browser.open(`${TEST_ORIGIN}/uitloggen`, { token: theirs })).status).toBe(403);
    expect(await isIn(browser)).toBe(true);
  });

  test("a choice of display that was under way while its sender signed out doesn't sign them in again", async () => {
    const { browser } = await world();
    const page = await signIn(browser);
    const session = sessionOf(browser) ?? "";
    const choice = { textSize: "large", contrast: "normal", token: tokenOf(page) };
    expect((await browser.open(`${TEST_ORIGIN}/weergave`, choice)).status).toBe(303);
    expect(sessionOf(browser)).toBe(session);
    expect(await isIn(browser)).toBe(true);
    await browser.open(`${TEST_ORIGIN}/uitloggen`, { token: tokenOf(page) });
    browser.plant(TEST_ORIGIN, "__Host-session", session);
    await browser.open(`${TEST_ORIGIN}/weergave`, choice);
    expect(await isIn(browser)).toBe(false);
  });

  test("a session that was idle too long is nobody's", async () => {
    const { browser } = await world({}, { sessionLimits: { idle: 1, absolute: 60 } });
    await signIn(browser);
    await sleep(1_300);
    expect(await isIn(browser)).toBe(false);
  });

  test("a session ends at its absolute limit, however busy it is", async () => {
    const { browser } = await world({}, { sessionLimits: { idle: 60, absolute: 1 } });
    await signIn(browser);
    await sleep(1_100);
    expect(await isIn(browser)).toBe(false);
  });

  test("signing out at the provider ends the sessions of that provider session, and no other", async () => {
    const { browser, other, provider } = await world();
    await signIn(browser);
    provider.lies.claims = { sid: "another-session" };
    await signIn(other);
    const told = await browser.open(LOGOUT, { logout_token: await provider.logoutToken({ sid: "provider-session", sub: "5e884898da28" }) });
    expect(told.status).toBe(200);
    expect(await isIn(browser)).toBe(false);
    expect(await isIn(other)).toBe(true);
    expect((await browser.open(TEST_ORIGIN)).body).toContain("Inloggen");
  });

  test("signing a person out everywhere ends what began before, and not what begins after", async () => {
    const { browser, other, provider } = await world();
    await signIn(browser);
    await other.open(LOGOUT, { logout_token: await provider.logoutToken({ sub: "5e884898da28" }) });
    expect(await isIn(browser)).toBe(false);
    provider.lies.claims = { iat: Math.floor(Date.now() / 1000) + 2 };
    await signIn(browser);
    expect(await isIn(browser)).toBe(true);
  });

  test("a logout token is taken once", async () => {
    const { browser, provider } = await world();
    const token = await provider.logoutToken({ sid: "provider-session" });
    expect((await browser.open(LOGOUT, { logout_token: token })).status).toBe(200);
    expect((await browser.open(LOGOUT, { logout_token: token })).status).toBe(400);
  });

  test.each<[string, Parameters<ForgingProvider["logoutToken"]>]>([
    ["signed with another key", [{}, "other-key"]],
    ["signed with the client's secret", [{}, "client-secret"]],
    ["unsigned", [{}, "none"]],
    ["of another issuer", [{ iss: "https://evil.example/" }]],
    ["for another application", [{ aud: "monitor" }]],
    ["without the event", [{ events: undefined }]],
    ["with another event", [{ events: { "https://evil.example": {} } }]],
    ["with a nonce, as ID tokens have", [{ nonce: "n" }]],
    ["about nobody", [{ sid: undefined }]],
    ["without an id", [{ jti: undefined }]],
    ["from long ago", [{ iat: Math.floor(Date.now() / 1000) - 600 }]],
    ["that has expired", [{ exp: Math.floor(Date.now() / 1000) - 60 }]],
  ])("a logout token %s ends nothing", async (_how, [claims, signature]) => {
    const { browser, provider } = await world();
    await signIn(browser);
    const token = await provider.logoutToken({ sid: "provider-session", ...claims }, signature);
    expect((await browser.open(LOGOUT, { logout_token: token })).status).toBe(400);
    expect(await isIn(browser)).toBe(true);
  });

  test("without an answer of Redis nobody is taken for signed in, and nobody is sent in circles", async () => {
    const away = await openSessionsClient({ ...redis.settings, port: 1 }, logger);
    onTestFinished(() => away.destroy());
    const { browser } = await world({}, { client: away });
    browser.plant(TEST_ORIGIN, "__Host-session", "a".repeat(43));
    expect((await browser.open(`${TEST_ORIGIN}/account`)).status).toBe(503);
    expect((await browser.open(`${TEST_ORIGIN}/inloggen`)).status).toBe(503);
  });
});

/** The application against a certified provider: the stand-in's own program, run as it is in local and ci. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

import { createBrowser, tokenOf } from "@jlam/test-browser";
import type { Page, TestBrowser } from "@jlam/test-browser";
import { demoAccounts } from "@jlam/platform/demo-accounts";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { connectionOptions, openDatabase } from "../database/connection.ts";
import { migrations } from "../database/migrations/index.ts";
import { runMigrations } from "../database/run-migrations.ts";
import type { Tables } from "../database/tables.ts";
import { seedDemonstration } from "../demonstration/seed.ts";
import { createDiary } from "../diary/diary.ts";
import { createLogger } from "../logging.ts";
import { createAccessLog } from "../privacy/access-log.ts";
import { createAccountsAtProvider } from "../privacy/accounts-at-provider.ts";
import { openSessionsClient } from "../sessions/connection.ts";
import type { SessionsClient } from "../sessions/connection.ts";
import { TEST_ORIGIN } from "../testing/application.ts";
import { makeSecretFiles, postgresImage, redisImage, startPostgres, startRedis } from "../testing/containers.ts";
import type { TestDatabase, TestRedis } from "../testing/containers.ts";
import { startSignInApplication } from "../testing/sign-in-application.ts";
import type { SignInApplication } from "../testing/sign-in-application.ts";

const [postgres, redisName] = [await postgresImage(), await redisImage()];
const logger = createLogger({ level: "silent", service: "web", environment: "test" });
const AUTH_ORIGIN = "https://auth.jlam.localhost";
const ISSUER = `${AUTH_ORIGIN}/application/o/web/`;
const CALLBACK = `${TEST_ORIGIN}/auth/callback`;
const PASSWORD = "only-for-this-test";

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}

describe.skipIf(postgres === undefined || redisName === undefined)("signing in at the stand-in (needs images of postgres and redis)", () => {
  let secrets: Awaited<ReturnType<typeof makeSecretFiles>>;
  let server: TestDatabase;
  let redis: TestRedis;
  let client: SessionsClient;
  let database: Kysely<Tables>;
  let application: SignInApplication;
  let standIn: ReturnType<typeof spawn>;
  let ports: Readonly<Record<string, number>>;
  let accountsTokenFile: string;

  beforeAll(async () => {
    secrets = await makeSecretFiles();
    [server, redis] = await Promise.all([startPostgres(postgres ?? "", secrets), startRedis(redisName ?? "", secrets)]);
    const owner = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: new pg.Pool({ ...(await connectionOptions(server.owner)), max: 1 }) }) });
    await runMigrations(owner, migrations, { until: "all", lockLimit: 20_000 }, logger);
    await owner.destroy();
    database = await openDatabase(server.application, logger);
    client = await openSessionsClient(redis.settings, logger);
    await vi.waitFor(() => expect(client.isReady).toBe(true));

    const clientSecretFile = await secrets.write("client-secret", "secret+of/the=client");
    const standInPort = await freePort();
    const settings = {
      issuer: ISSUER,
      clientId: "web",
      clientSecretFile,
      callbackUrl: CALLBACK,
      backChannel: `http://127.0.0.1:${standInPort}`,
      requiredGroups: ["members"],
      backChannelLogoutPath: "/auth/backchannel-logout",
    };
    application = await startSignInApplication({ database, client, key: randomBytes(32), settings });
    accountsTokenFile = await secrets.write("accounts-token", "token-of-the-client-for-accounts");
    standIn = spawn(process.execPath, [fileURLToPath(new URL("../../../sign-in-stand-in/src/server.ts", import.meta.url))], {
      stdio: "ignore",
      env: {
        ENVIRONMENT: "ci",
        HTTP_PORT: String(standInPort),
        SIGN_IN_ORIGIN: AUTH_ORIGIN,
        CLIENTS: JSON.stringify([
          { id: "web", callbackUrl: CALLBACK, secretFile: clientSecretFile, signOutUrl: `http://127.0.0.1:${application.port}/auth/backchannel-logout`, accountsTokenFile },
        ]),
        DEMO_PASSWORD_FILE: await secrets.write("demo-password", PASSWORD),
      },
    });
    await vi.waitFor(async () => expect((await fetch(`http://127.0.0.1:${standInPort}/-/health/live/`)).status).toBe(200), { timeout: 30_000, interval: 200 });
    ports = { [TEST_ORIGIN]: application.port, [AUTH_ORIGIN]: standInPort };
  }, 120_000);

  afterAll(async () => {
    standIn.kill();
    if (standIn.exitCode === null) await once(standIn, "exit");
    await application.stop();
    client.destroy();
    await database.destroy();
    await Promise.all([server.container.stop(), redis.container.stop()]);
    await secrets.remove();
  });

  async function signIn(browser: TestBrowser, username: string): Promise<Page> {
    const form = await browser.visit(`${TEST_ORIGIN}/account`);
    return await browser.follow(await browser.open(form.url, { username, password: PASSWORD }));
  }

  /** Presses the button on the provider's page for signing out. */
  async function confirmSignOut(browser: TestBrowser, page: Page): Promise<Page> {
    const action = /action="([^"]+)"/.exec(page.body)?.[1] ?? "";
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(page.body)?.[1] ?? "";
    return await browser.follow(await browser.open(action, { xsrf, logout: "yes" }));
  }

  test("a demo member signs in, and signs out here and there", async () => {
    const browser = createBrowser(ports);
    const page = await signIn(browser, "member");
    expect(page.url).toBe(`${TEST_ORIGIN}/account`);
    expect(page.body).toContain("Welkom, Noor de Vries");

    const asked = await browser.follow(await browser.open(`${TEST_ORIGIN}/uitloggen`, { token: tokenOf(page) }));
    expect(asked.body).toContain("Uitloggen");
    expect((await confirmSignOut(browser, asked)).url).toBe(`${TEST_ORIGIN}/`);
    expect((await browser.visit(`${TEST_ORIGIN}/account`)).body).toContain("Demo-account");
  });

  test("the diary that was filled for a demo member is the one that they find when they sign in", async () => {
    const diary = createDiary(database, createAccessLog(randomBytes(32)));
    const requiredGroups = ["members"];
    expect(await seedDemonstration({ environment: "local", database, diary, issuer: ISSUER, requiredGroups, now: Date.now() })).toBeGreaterThan(45);
    const browser = createBrowser(ports);
    await signIn(browser, "member");
    const page = await browser.visit(`${TEST_ORIGIN}/dagboek`);
    expect(page.body).toContain("<title>Dagboek");
    expect(page.body.match(/<th scope="row">/g)?.length).toBeGreaterThan(20);
  });

  test("an operator, who is no member, is known there and has no access here", async () => {
    const browser = createBrowser(ports);
    const page = await signIn(browser, "operator");
    expect(page.status).toBe(403);
    expect(page.body).toContain("Dit account heeft geen toegang");
    expect((await browser.open(`${TEST_ORIGIN}/account`)).status).toBe(303);
  });

  test("a wrong password leads nowhere", async () => {
    const browser = createBrowser(ports);
    const form = await browser.visit(`${TEST_ORIGIN}/account`);
    expect((await browser.open(form.url, { username: "member", password: "guess" })).status).toBe(403);
    expect((await browser.open(`${TEST_ORIGIN}/account`)).status).toBe(303);
  });

  test("signing out at the provider ends the session here, and not that of another member", async () => {
    const [browser, other] = [createBrowser(ports), createBrowser(ports)];
    await signIn(browser, "member");
    await signIn(other, "other-member");
    await confirmSignOut(browser, await browser.open(`${ISSUER}end-session/`));
    expect((await browser.open(`${TEST_ORIGIN}/account`)).status).toBe(303);
    expect((await other.open(`${TEST_ORIGIN}/account`)).body).toContain("Welkom, Sam Bakker");
  });

  // Last, since the account is gone for those after it.
  test("an account that is erased is gone: its session ends and it signs nobody in any more", async () => {
    const browser = createBrowser(ports);
    await signIn(browser, "other-member");
    const [member] = demoAccounts.filter(({ username }) => username === "other-member");
    const accounts = createAccountsAtProvider({ api: `http://127.0.0.1:${ports[AUTH_ORIGIN]}/api/v3`, tokenFile: accountsTokenFile });
    const names = await accounts.names(member?.uuid ?? "");
    expect(names).toContain("other-member");
    await accounts.remove(member?.uuid ?? "", names);

    expect(await accounts.names(member?.uuid ?? "")).toEqual([]);
    await expect(accounts.remove(member?.uuid ?? "", names)).resolves.toBeUndefined();
    await vi.waitFor(async () => expect((await browser.open(`${TEST_ORIGIN}/account`)).status).toBe(303));
    const form = await browser.visit(`${TEST_ORIGIN}/account`);
    expect((await browser.open(form.url, { username: "other-member", password: PASSWORD })).status).toBe(403);
  });
});

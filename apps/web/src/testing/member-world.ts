/** The application with real PostgreSQL and Redis, a provider that signs in whom a test wants, and accounts that can be erased there. */
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";

import { createBrowser } from "@jlam/test-browser";
import type { TestBrowser } from "@jlam/test-browser";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";

import { connectionOptions, openDatabase } from "../database/connection.ts";
import { migrations } from "../database/migrations/index.ts";
import { runMigrations } from "../database/run-migrations.ts";
import type { Tables } from "../database/tables.ts";
import { createLogger } from "../logging.ts";
import { createAccessLog } from "../privacy/access-log.ts";
import type { AccessLog } from "../privacy/access-log.ts";
import { createAccountsAtProvider } from "../privacy/accounts-at-provider.ts";
import { createErasureHashes } from "../privacy/erasure.ts";
import type { ErasureParts } from "../privacy/erasure.ts";
import { openSessionsClient } from "../sessions/connection.ts";
import type { SessionsClient } from "../sessions/connection.ts";
import { createSignOuts } from "../sessions/sign-outs.ts";
import { createSessionStore } from "../sessions/store.ts";
import { TEST_ORIGIN } from "./application.ts";
import { makeSecretFiles, startPostgres, startRedis } from "./containers.ts";
import type { SecretFiles, TestDatabase, TestRedis } from "./containers.ts";
import { AUTH_ORIGIN, CLIENT_SECRET, ISSUER, startForgingProvider } from "./forging-provider.ts";
import type { ForgingProvider } from "./forging-provider.ts";
import { startSignInApplication } from "./sign-in-application.ts";
import type { SignInApplication } from "./sign-in-application.ts";

/** Somebody with an account at the provider. */
export interface Person {
  readonly uuid: string;
  readonly name: string;
  readonly username: string;
  readonly email: string;
}

/** An account as a test makes it. */
export const newPerson = (name: string, uuid: string = randomUUID()): Person => {
  const username = `${name.toLowerCase().replaceAll(/[^a-z]+/g, "-")}-${uuid.slice(0, 8)}`;
  return { uuid, name, username, email: `${username}@example.nl` };
};

/** The provider's API of accounts, as far as erasing needs it. */
export interface TestAccounts {
  readonly api: string;
  /** Accounts by their number. */
  readonly users: Map<number, Person>;
  /** What its log says, by the number of the event. */
  readonly events: Map<string, unknown>;
  /** Whom it trusts how much, by the number of the score. */
  readonly scores: Map<string, string>;
  /** Answers nothing but this status. */
  status: number | undefined;
  /** Answers questions about its log with this status. */
  logStatus: number | undefined;
  /** Answers a search by uuid with everybody, as a provider does that doesn't know the filter. */
  forgetful: boolean;
  /** Answers nothing before this. */
  hold: Promise<unknown> | undefined;
  stop(): Promise<void>;
}

const TOKEN = "token-only-for-this-test";

/** Starts it on a free port of 127.0.0.1. Two accounts make a page. */
async function startAccounts(): Promise<TestAccounts> {
  const users = new Map<number, Person>();
  const events = new Map<string, unknown>();
  const scores = new Map<string, string>();
  const server = createServer((request, response) => void handle(request, response));
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    await accounts.hold;
    const url = new URL(request.url ?? "/", "http://accounts");
    const answer = (status: number, body?: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(body === undefined ? undefined : JSON.stringify(body));
    };
    if (accounts.status !== undefined) return answer(accounts.status, {});
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return answer(403, {});
    const [, kind, pk] = /^\/api\/v3\/(core\/users|events\/events|policies\/reputation\/scores)\/(?:([\w-]+)\/)?$/.exec(url.pathname) ?? [];
    const page = Number(url.searchParams.get("page") ?? 1);
    const list = (all: readonly object[]): void =>
      answer(200, { pagination: { next: all.length > page * 2 ? page + 1 : 0 }, results: all.slice(page * 2 - 2, page * 2) });
    switch (kind) {
      case "core/users": {
        if (request.method === "DELETE" && pk !== undefined) {
          const user = users.get(Number(pk));
          if (user !== undefined) events.set(randomUUID(), { action: "model_deleted", context: { model: { name: user.username } } });
          return answer(users.delete(Number(pk)) ? 204 : 404);
        }
        const uuid = accounts.forgetful ? null : url.searchParams.get("uuid");
        return list([...users].filter(([, user]) => uuid === null || user.uuid === uuid).map(([number, user]) => ({ pk: number, ...user })));
      }
      case "events/events": {
        if (accounts.logStatus !== undefined) return answer(accounts.logStatus, {});
        if (request.method === "DELETE" && pk !== undefined) return answer(events.delete(pk) ? 204 : 404);
        const text = url.searchParams.get("search") ?? "";
        return list([...events].filter(([, event]) => JSON.stringify(event).toLowerCase().includes(text.toLowerCase())).map(([number, event]) => ({ pk: number, event })));
      }
      case "policies/reputation/scores":
        if (request.method === "DELETE" && pk !== undefined) return answer(scores.delete(pk) ? 204 : 404);
        return list([...scores].map(([number, identifier]) => ({ pk: number, identifier, score: -5 })));
      default:
        return answer(404, {});
    }
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port is free");
  const accounts: TestAccounts = {
    api: `http://127.0.0.1:${address.port}/api/v3`,
    users,
    events,
    scores,
    status: undefined,
    logStatus: undefined,
    forgetful: false,
    hold: undefined,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return accounts;
}

/** Everything that runs. */
export interface MemberWorld {
  readonly secrets: SecretFiles;
  readonly server: TestDatabase;
  readonly redis: TestRedis;
  readonly database: Kysely<Tables>;
  readonly client: SessionsClient;
  readonly provider: ForgingProvider;
  readonly accounts: TestAccounts;
  readonly application: SignInApplication;
  readonly accessLog: AccessLog;
  readonly erasure: ErasureParts;
  readonly erasureKeyFile: string;
  /** A browser in which a new person has just signed in; `groups` are those of a member unless given. */
  signIn(name: string, groups?: readonly string[]): Promise<{ readonly browser: TestBrowser; readonly person: Person; readonly memberId: string }>;
  /** The same person again, in another browser. */
  signInAgain(person: Person): Promise<TestBrowser>;
  stop(): Promise<void>;
}

/** Starts all of it; the images are those that the tests found. */
export async function startMemberWorld(postgres: string, redisName: string): Promise<MemberWorld> {
  const logger = createLogger({ level: "silent", service: "web", environment: "test" });
  const secrets = await makeSecretFiles();
  const [server, redis, provider, accounts] = await Promise.all([startPostgres(postgres, secrets), startRedis(redisName, secrets), startForgingProvider(), startAccounts()]);
  const owner = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: new pg.Pool({ ...(await connectionOptions(server.owner)), max: 1 }) }) });
  await runMigrations(owner, migrations, { until: "all", lockLimit: 20_000 }, logger);
  await owner.destroy();
  const database = await openDatabase(server.application, logger);
  const client = await openSessionsClient(redis.settings, logger);
  while (!client.isReady) await new Promise((resolve) => setTimeout(resolve, 20));
  const key = randomBytes(32);
  const settings = {
    issuer: ISSUER,
    clientId: "web",
    clientSecretFile: await secrets.write("client-secret", CLIENT_SECRET),
    callbackUrl: `${TEST_ORIGIN}/auth/callback`,
    backChannel: `http://127.0.0.1:${provider.port}`,
    requiredGroups: ["members", "operators"],
    backChannelLogoutPath: "/auth/backchannel-logout",
  };
  const application = await startSignInApplication({ database, client, key, settings });
  const ports = { [TEST_ORIGIN]: application.port, [AUTH_ORIGIN]: provider.port };
  const erasureKey = randomBytes(32).toString("hex");
  const accessLog = createAccessLog(key);

  const signInAs = async ({ uuid, name }: Person, groups: readonly string[]): Promise<TestBrowser> => {
    provider.lies.claims = { sub: uuid, name, groups, sid: randomUUID() };
    const browser = createBrowser(ports);
    const page = await browser.visit(`${TEST_ORIGIN}/account`);
    if (page.status !== 200) throw new Error(`signing in was answered with status ${page.status}`);
    return browser;
  };

  return {
    secrets,
    server,
    redis,
    database,
    client,
    provider,
    accounts,
    application,
    accessLog,
    erasure: {
      sessions: createSessionStore(client, key),
      signOuts: createSignOuts(client, key),
      accessLog,
      hashes: createErasureHashes(Buffer.from(erasureKey)),
      accounts: createAccountsAtProvider({ api: accounts.api, tokenFile: await secrets.write("accounts-token", TOKEN) }),
    },
    erasureKeyFile: await secrets.write("erasure-key", erasureKey),
    async signIn(name, groups = ["members"]) {
      const person = newPerson(name);
      accounts.users.set(1 + Math.max(0, ...accounts.users.keys()), person);
      const browser = await signInAs(person, groups);
      const [row] = await server.sql(`select id from member where subject = '${person.uuid}'`);
      return { browser, person, memberId: String(row?.["id"]) };
    },
    signInAgain: (person) => signInAs(person, ["members"]),
    async stop() {
      await application.stop();
      client.destroy();
      await database.destroy();
      await Promise.all([provider.stop(), accounts.stop(), server.container.stop(), redis.container.stop()]);
      await secrets.remove();
    },
  };
}

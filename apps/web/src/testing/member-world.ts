/** The application with real PostgreSQL and Redis, a provider that signs in whom a test wants, and accounts that can be erased there. */
import { randomBytes, randomUUID } from "node:crypto";

import { createBrowser } from "@jlam/test-browser";
import type { TestBrowser } from "@jlam/test-browser";
import { createAccessLog } from "../privacy/access-log.ts";
import type { AccessLog } from "../privacy/access-log.ts";
import { createAccountsAtProvider } from "../privacy/accounts-at-provider.ts";
import { createErasureHashes } from "../privacy/erasure.ts";
import type { ErasureParts } from "../privacy/erasure.ts";
import { createSignOuts } from "../sessions/sign-outs.ts";
import { createSessionStore } from "../sessions/store.ts";
import { ACCOUNTS_TOKEN, newPerson, startAccounts } from "./accounts.ts";
import type { Person, TestAccounts } from "./accounts.ts";
import { TEST_ORIGIN } from "./application.ts";
import { startDataStores } from "./data-stores.ts";
import type { DataStores } from "./data-stores.ts";
import { AUTH_ORIGIN, CLIENT_SECRET, ISSUER, startForgingProvider } from "./forging-provider.ts";
import type { ForgingProvider } from "./forging-provider.ts";
import { startSignInApplication } from "./sign-in-application.ts";
import type { SignInApplication } from "./sign-in-application.ts";

/** Everything that runs. */
export interface MemberWorld extends DataStores {
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
}

/** Starts all of it; the images are those that the tests found. */
export async function startMemberWorld(postgres: string, redisName: string): Promise<MemberWorld> {
  const [stores, provider, accounts] = await Promise.all([startDataStores(postgres, redisName), startForgingProvider(), startAccounts()]);
  const { secrets, server, database, client } = stores;
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
    ...stores,
    provider,
    accounts,
    application,
    accessLog,
    erasure: {
      sessions: createSessionStore(client, key),
      signOuts: createSignOuts(client, key),
      accessLog,
      hashes: createErasureHashes(Buffer.from(erasureKey)),
      accounts: createAccountsAtProvider({ api: accounts.api, tokenFile: await secrets.write("accounts-token", ACCOUNTS_TOKEN) }),
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
      await Promise.all([provider.stop(), accounts.stop(), stores.stop()]);
    },
  };
}

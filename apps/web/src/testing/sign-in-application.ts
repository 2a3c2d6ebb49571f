/** The application with its real Redis and PostgreSQL, listening, so that tests can sign in to it. */
import type { Kysely } from "kysely";

import { buildApplication } from "../application.ts";
import { signInMember } from "../database/members.ts";
import type { Tables } from "../database/tables.ts";
import { createDiary } from "../diary/diary.ts";
import { createAccessLog } from "../privacy/access-log.ts";
import type { SessionsClient } from "../sessions/connection.ts";
import { createSignOuts } from "../sessions/sign-outs.ts";
import { createSessionStore } from "../sessions/store.ts";
import type { SessionLimits } from "../sessions/store.ts";
import { createVisitors } from "../sessions/visitor.ts";
import type { SignInSettings } from "../settings/sign-in-settings.ts";
import { createAttempts } from "../sign-in/attempts.ts";
import { createSignInProvider } from "../sign-in/provider.ts";
import { TEST_ORIGIN, testParts } from "./application.ts";

/** What a test can choose. */
export interface SignInApplicationOptions {
  readonly database: Kysely<Tables>;
  readonly client: SessionsClient;
  readonly key: Buffer;
  readonly settings: SignInSettings;
  /** In seconds. */
  readonly attemptLife?: number;
  readonly sessionLimits?: SessionLimits;
}

/** The running application. */
export interface SignInApplication {
  readonly port: number;
  /** Everything that it logged, at every level. */
  readonly lines: readonly string[];
  stop(): Promise<void>;
}

/** Starts it on a free port of 127.0.0.1; browsers know it as {@link TEST_ORIGIN}. */
export async function startSignInApplication(options: SignInApplicationOptions): Promise<SignInApplication> {
  const { database, client, key, settings } = options;
  const { parts, lines } = await testParts();
  const signOuts = createSignOuts(client, key);
  const sessions = createSessionStore(client, key, options.sessionLimits);
  const accessLog = createAccessLog(key);
  const application = await buildApplication({
    ...parts,
    diary: createDiary(database, accessLog),
    privacy: { database, accessLog, sessions },
    trustedProxies: ["127.0.0.1"],
    visitors: createVisitors(sessions, signOuts, key),
    signIn: {
      provider: createSignInProvider(settings, `${TEST_ORIGIN}/`),
      providerOrigin: new URL(settings.issuer).origin,
      callbackPath: new URL(settings.callbackUrl).pathname,
      requiredGroups: settings.requiredGroups,
      backChannelLogoutPath: settings.backChannelLogoutPath,
      attempts: createAttempts(client, key, options.attemptLife),
      signOuts,
      signInMember: (subject) => signInMember(database, subject),
    },
  });
  await application.listen({ host: "127.0.0.1", port: 0 });
  const address = application.server.address();
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return { port: address.port, lines, stop: () => application.close() };
}

/** The web application's entry: reads its settings, opens its connections, listens, and stops when it is told to. */
import { fileURLToPath } from "node:url";

import { buildApplication } from "./application.ts";
import { checkDatabase, openDatabase } from "./database/connection.ts";
import { signInMember } from "./database/members.ts";
import { platformCountsSchema, readPlatformCounts } from "./database/platform-counts.ts";
import { createSiteMessageCache, readSiteMessage, siteMessageSchema } from "./database/site-message.ts";
import { isDemonstration, seedDemonstration } from "./demonstration/seed.ts";
import { createDiary } from "./diary/diary.ts";
import { stopGracefully } from "./graceful-stop.ts";
import { createReadiness } from "./health/readiness.ts";
import { loadAssets } from "./http/assets.ts";
import { createLifecycle } from "./http/lifecycle.ts";
import { createMetrics, createMetricsServer } from "./http/metrics.ts";
import { addPlatformMetrics } from "./http/platform-metrics.ts";
import { createLogger } from "./logging.ts";
import { createAccessLog } from "./privacy/access-log.ts";
import { createAccountsAtProvider } from "./privacy/accounts-at-provider.ts";
import { createErasureHashes } from "./privacy/erasure.ts";
import { startRetention } from "./retention/schedule.ts";
import { checkSessions, openSessionsClient } from "./sessions/connection.ts";
import { createSignOuts } from "./sessions/sign-outs.ts";
import { createSessionStore } from "./sessions/store.ts";
import { createVisitors } from "./sessions/visitor.ts";
import { SettingsError } from "./settings/environment.ts";
import { readKeyFile } from "./settings/key-file.ts";
import { readServerSettings } from "./settings/server-settings.ts";
import { createSharedValue } from "./shared-cache.ts";
import { createAttempts } from "./sign-in/attempts.ts";
import { createSignInProvider } from "./sign-in/provider.ts";
import type { SignInParts } from "./sign-in/routes.ts";

/** How long processes share what is nobody's own before it is read again, in seconds. */
const SHARED_LIFE = { message: 30, counts: 60 } as const;

async function main(): Promise<void> {
  const settings = readServerSettings(process.env);
  const [sessionKey, accessLogKey, erasureKey] = await Promise.all([
    readKeyFile("SESSION_KEY_FILE", settings.sessions.keyFile),
    readKeyFile("ACCESS_LOG_KEY_FILE", settings.privacy.accessLogKeyFile),
    readKeyFile("ERASURE_KEY_FILE", settings.privacy.erasureKeyFile),
  ]);
  const logger = createLogger(settings.log);
  // Node itself would print the error with its message, and messages may hold what a person typed.
  process.on("uncaughtException", (error) => {
    logger.fatal({ err: error }, "unexpected error: the program ends");
    process.exit(1);
  });
  const metrics = createMetrics();
  const lifecycle = createLifecycle();
  const assets = await loadAssets(fileURLToPath(new URL("./assets", import.meta.url)));
  const database = await openDatabase(settings.database, logger);
  const sessionsClient = await openSessionsClient(settings.sessions, logger);

  const signOuts = createSignOuts(sessionsClient, sessionKey);
  const sessions = createSessionStore(sessionsClient, sessionKey);
  const accessLog = createAccessLog(accessLogKey);
  const signIn: SignInParts | undefined =
    settings.signIn === undefined
      ? undefined
      : {
          provider: createSignInProvider(settings.signIn, `${settings.http.publicOrigin}/`),
          providerOrigin: new URL(settings.signIn.issuer).origin,
          callbackPath: new URL(settings.signIn.callbackUrl).pathname,
          requiredGroups: settings.signIn.requiredGroups,
          backChannelLogoutPath: settings.signIn.backChannelLogoutPath,
          attempts: createAttempts(sessionsClient, sessionKey),
          signOuts,
          signInMember: (subject) => signInMember(database, subject),
        };

  const diary = createDiary(database, accessLog);
  const sharedMessage = createSharedValue(
    sessionsClient,
    { name: "site-message", schema: siteMessageSchema.nullable(), life: SHARED_LIFE.message, read: async () => (await readSiteMessage(database)) ?? null },
    logger,
  );
  const sharedCounts = createSharedValue(
    sessionsClient,
    { name: "platform-counts", schema: platformCountsSchema, life: SHARED_LIFE.counts, read: () => readPlatformCounts(database) },
    logger,
  );
  addPlatformMetrics(metrics.registry, sharedCounts, logger);

  const application = await buildApplication({
    logger,
    metrics,
    lifecycle,
    assets,
    healthPath: settings.http.healthPath,
    readyPath: settings.http.readyPath,
    publicOrigin: settings.http.publicOrigin,
    trustedProxies: settings.http.trustedProxies,
    readiness: createReadiness(
      {
        database: (signal) => checkDatabase(settings.database, signal),
        sessions: (signal) => checkSessions(settings.sessions, signal),
      },
      logger,
    ),
    visitors: createVisitors(sessions, signOuts, sessionKey),
    siteMessage: createSiteMessageCache(async () => (await sharedMessage()) ?? undefined, logger),
    signIn,
    diary: signIn === undefined ? undefined : diary,
    privacy: signIn === undefined ? undefined : { database, accessLog, sessions },
    backupDays: settings.privacy.backupRetentionDays,
  });
  const { accounts } = settings.privacy;
  const erasure = {
    sessions,
    signOuts,
    accessLog,
    hashes: createErasureHashes(erasureKey),
    accounts: accounts === undefined ? undefined : createAccountsAtProvider(accounts),
  };
  const retention = startRetention(database, erasure, metrics, logger);
  const metricsServer = createMetricsServer(metrics, settings.http.metricsPath);

  const stop = (signal: NodeJS.Signals): void => {
    if (lifecycle.stopping) return;
    logger.info({ signal }, "told to stop");
    void stopGracefully({
      application,
      lifecycle,
      logger,
      delay: settings.http.shutdownDelay,
      limit: settings.http.shutdownLimit,
      async release() {
        await retention.stop();
        await Promise.all([database.destroy(), metricsServer.close()]);
        if (sessionsClient.isOpen) sessionsClient.destroy();
      },
    }).finally(() => process.exit(0));
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);

  const { environment } = settings.log;
  if (settings.signIn !== undefined && isDemonstration(environment)) {
    const { issuer, requiredGroups } = settings.signIn;
    // Here and not in the job that migrates: that one's role is bound by no policy, and it doesn't know the provider.
    // Nobody waits for it: pages work without, and the next start goes on where this one was stopped.
    seedDemonstration({ environment, database, diary, issuer, requiredGroups, now: Date.now() }).then(
      (days) => logger.info({ days }, "the demo members' diaries are filled"),
      (error: unknown) => logger.warn({ err: error }, "the demo members' diaries can't be filled; the next start tries again"),
    );
  }

  await metricsServer.listen({ host: "0.0.0.0", port: settings.http.metricsPort });
  await application.listen({ host: "0.0.0.0", port: settings.http.port });
}

try {
  await main();
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

import { readFile } from "node:fs/promises";
import { isIP } from "node:net";

import { createClient } from "@redis/client";
import type { Logger } from "pino";

import { readSecretFile } from "../settings/secret-file.ts";
import type { SessionSettings } from "../settings/session-settings.ts";

async function clientOptions(settings: SessionSettings) {
  const readPassword = (): Promise<string> => readSecretFile("SESSIONS_PASSWORD_FILE", settings.passwordFile);
  // A wrong path is told at the start, not by a connection that never comes.
  await readPassword();
  const address = { host: settings.host, port: settings.port, connectTimeout: 2_000 };
  // TLS names hosts only; an address is checked against the certificate without it.
  const serverName = isIP(settings.host) === 0 ? { servername: settings.host } : {};
  const ca = settings.caFile === undefined ? {} : { ca: await readFile(settings.caFile, "utf8") };
  return {
    address: settings.tls === "off" ? address : { ...address, ...ca, ...serverName, tls: true as const },
    common: {
      credentialsProvider: {
        type: "async-credentials-provider" as const,
        credentials: async () => ({
          ...(settings.user === undefined ? {} : { username: settings.user }),
          password: await readPassword(),
        }),
      },
      // Both are commands that a least-privilege user of Redis need not have.
      disableClientInfo: true,
      maintNotifications: "disabled" as const,
    },
  };
}

/**
 * A client that keeps connecting in the background for as long as it is open. While it has no connection, commands
 * fail at once in place of waiting: pages have something better to do.
 *
 * @throws SettingsError when the file of the password can't be read
 */
export async function openSessionsClient(settings: SessionSettings, logger: Logger) {
  const { address, common } = await clientOptions(settings);
  const client = createClient({
    ...common,
    // A peer that is silent for ten seconds, though it was asked every five, is gone.
    socket: { ...address, socketTimeout: 10_000 },
    pingInterval: 5_000,
    disableOfflineQueue: true,
  });
  client.on("error", (error) => logger.warn({ err: error }, "connection to the sessions' Redis failed"));
  client.connect().catch((error: unknown) => {
    if (client.isOpen) logger.error({ err: error }, "the sessions' Redis can't be connected to");
  });
  return client;
}

/** The connection that sessions are kept over. */
export type SessionsClient = Awaited<ReturnType<typeof openSessionsClient>>;

/** Proves on a connection of its own that Redis takes this user and answers. */
export async function checkSessions(settings: SessionSettings, signal: AbortSignal): Promise<void> {
  const { address, common } = await clientOptions(settings);
  const client = createClient({ ...common, socket: { ...address, reconnectStrategy: false } });
  // The same error rejects the command below.
  client.on("error", () => undefined);
  const drop = (): void => {
    if (client.isOpen) client.destroy();
  };
  signal.addEventListener("abort", drop, { once: true });
  try {
    signal.throwIfAborted();
    await client.connect();
    await client.ping();
  } finally {
    signal.removeEventListener("abort", drop);
    drop();
  }
}

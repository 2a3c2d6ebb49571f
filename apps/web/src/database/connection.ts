import { readFile } from "node:fs/promises";
import { Socket } from "node:net";

import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import type { Logger } from "pino";

import type { DatabaseSettings } from "../settings/database-settings.ts";
import { readSecretFile } from "../settings/secret-file.ts";
import type { Tables } from "./tables.ts";

/** Longest time to get a connection, in milliseconds; a page would rather fall back than wait longer. */
const CONNECT_LIMIT = 2_000;

/** PostgreSQL ends a statement after this many milliseconds; no page needs more. */
const STATEMENT_LIMIT = 5_000;

/** This side gives up after this many milliseconds: later than the server would, so it means the server is gone. */
const ANSWER_LIMIT = 6_000;

/** The pool closes what nobody used for this many milliseconds. */
const IDLE_LIMIT = 20_000;

/** Longer than {@link IDLE_LIMIT} and every statement: a connection silent for so many milliseconds has lost its peer. */
const SILENCE_LIMIT = 30_000;

/** Most connections of one process. Two releases side by side, monitoring and backup must fit into max_connections. */
const POOL_SIZE = 10;

/**
 * What every connection to the database is made with: the role, its password read afresh from its file, and a
 * certificate that is fully checked unless TLS is off.
 *
 * @throws SettingsError when the file of the password can't be read
 */
export async function connectionOptions(settings: DatabaseSettings): Promise<pg.ClientConfig> {
  const password = (): Promise<string> => readSecretFile("DATABASE_PASSWORD_FILE", settings.passwordFile);
  // pg asks for the password when it is connected already, and would leave that connection hanging if there is none.
  await password();
  const ca = settings.caFile === undefined ? {} : { ca: await readFile(settings.caFile, "utf8") };
  return {
    host: settings.host,
    port: settings.port,
    database: settings.name,
    user: settings.user,
    password,
    ssl: settings.tls === "off" ? false : { ...ca, rejectUnauthorized: true },
    connectionTimeoutMillis: CONNECT_LIMIT,
    keepAlive: true,
  };
}

/**
 * Closes a connection on which nothing was heard for {@link SILENCE_LIMIT}. `query_timeout` alone frees the caller but
 * leaves the connection in the pool, where after a failover it would cost every next user the full time limit.
 */
function dropWhenSilent(client: pg.PoolClient): void {
  const { stream } = client.connection;
  if (!(stream instanceof Socket)) return;
  stream.setTimeout(SILENCE_LIMIT, () => stream.destroy());
}

/**
 * Lets a transaction whose connection dies between two of its queries learn it from the next one. Node would end the
 * program over an error that nobody listens to, and the pool listens only to connections that nobody uses.
 */
function surviveLoss(client: pg.PoolClient): void {
  client.on("error", () => undefined);
}

/** The application's access to its tables; `destroy()` waits for queries and closes every connection. */
export async function openDatabase(settings: DatabaseSettings, logger: Logger): Promise<Kysely<Tables>> {
  const pool = new pg.Pool({
    ...(await connectionOptions(settings)),
    application_name: "web",
    max: POOL_SIZE,
    idleTimeoutMillis: IDLE_LIMIT,
    // Spreads connections over a database that was failed over or scaled, and picks up a rotated password.
    maxLifetimeSeconds: 600,
    statement_timeout: STATEMENT_LIMIT,
    query_timeout: ANSWER_LIMIT,
    idle_in_transaction_session_timeout: 10_000,
  });
  pool.on("connect", dropWhenSilent);
  pool.on("connect", surviveLoss);
  pool.on("error", (error) => logger.warn({ err: error }, "idle database connection lost"));
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}

/**
 * Proves on a connection of its own that the database takes this role and answers. Not on one of the pool: a busy
 * pool is not a missing database, and taking a busy release out of rotation makes the others busier.
 */
export async function checkDatabase(settings: DatabaseSettings, signal: AbortSignal): Promise<void> {
  const client = new pg.Client({ ...(await connectionOptions(settings)), application_name: "web-readiness" });
  // A connection that dies while it is being closed is no news.
  client.on("error", () => undefined);
  const drop = (): void => {
    client.connection.stream.destroy();
  };
  signal.addEventListener("abort", drop, { once: true });
  try {
    signal.throwIfAborted();
    await client.connect();
    await client.query("select 1");
    await client.end();
  } catch (error) {
    drop();
    throw error;
  } finally {
    signal.removeEventListener("abort", drop);
  }
}

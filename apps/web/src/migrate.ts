/** Brings the schema up to date and exits: `node migrate.js [--expand-only]`. Runs as the role that owns the schema. */
import { parseArgs } from "node:util";

import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";

import { connectionOptions } from "./database/connection.ts";
import { migrations } from "./database/migrations/index.ts";
import { MigrationRefused, runMigrations } from "./database/run-migrations.ts";
import { createLogger } from "./logging.ts";
import type { DatabaseSettings } from "./settings/database-settings.ts";
import { readDatabaseSettings } from "./settings/database-settings.ts";
import { SettingsError } from "./settings/environment.ts";
import { readLogSettings } from "./settings/log-settings.ts";

/** How long to wait for another migration, in milliseconds. */
const LOCK_LIMIT = 120_000;

/** What a person can do about an error of the connection, by Node's code or PostgreSQL's SQLSTATE. */
const CONNECTION_FIXES: Readonly<Record<string, string>> = {
  ECONNREFUSED: "Nothing listens there. Fix: start the database, or correct DATABASE_HOST and DATABASE_PORT.",
  ENOTFOUND: "The host has no address. Fix: correct DATABASE_HOST, or join the database's network.",
  EAI_AGAIN: "The host has no address yet. Fix: correct DATABASE_HOST, or join the database's network.",
  ETIMEDOUT: "It did not answer. Fix: look at the firewall and at the database's health.",
  "28P01": "The password was refused. Fix: make the secret in DATABASE_PASSWORD_FILE equal to the role's password.",
  "28000": "The role was refused. Fix: correct DATABASE_USER, or allow the role in pg_hba.conf.",
  "3D000": "The database does not exist. Fix: correct DATABASE_NAME, or create it.",
  "42501": "The role may not change the schema. Fix: run migrations as the role that owns it.",
};

function explain(error: unknown, settings: DatabaseSettings): string {
  if (error instanceof MigrationRefused || error instanceof SettingsError) return error.message;
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  const where = `PostgreSQL at ${settings.host}:${settings.port}, database ${settings.name}, role ${settings.user}`;
  const known = CONNECTION_FIXES[code];
  if (known !== undefined) return `${where}: ${known}`;
  return `${where}: migration failed (${error instanceof Error ? error.message : String(error)}).`;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { "expand-only": { type: "boolean", default: false } } });
  const settings = readDatabaseSettings(process.env);
  const logger = createLogger(readLogSettings(process.env));
  const pool = new pg.Pool({ ...(await connectionOptions(settings)), application_name: "web-migrate", max: 1 });
  pool.on("error", (error) => logger.warn({ err: error }, "database connection lost"));
  const database = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    const until = values["expand-only"] ? "expand" : "all";
    const { applied, waiting } = await runMigrations(database, migrations, { until, lockLimit: LOCK_LIMIT }, logger);
    const waitingNumbers = waiting.map((migration) => migration.number);
    logger.info({ applied: applied.length, waiting: waitingNumbers }, "schema is up to date");
    return 0;
  } catch (error) {
    logger.error({ err: error }, explain(error, settings));
    return 1;
  } finally {
    await database.destroy();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

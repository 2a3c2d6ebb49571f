/** Brings the schema up to date and exits: `node migrate.js [--expand-only]`. Runs as the role that owns the schema. */
import { parseArgs } from "node:util";

import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";

import { adviceOn } from "./database/connection-advice.ts";
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

function explain(error: unknown, settings: DatabaseSettings): string {
  if (error instanceof MigrationRefused || error instanceof SettingsError) return error.message;
  return adviceOn(error, settings, "migration");
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

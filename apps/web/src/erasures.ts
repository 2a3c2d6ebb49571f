/**
 * Erases again, after a restore, whoever had been erased: `node erasures.js list | replay | accounts`.
 *
 * - `list` prints the erasure list of a database, to be kept apart from its dumps; runs as the role that owns the schema.
 * - `replay` reads such a list from standard input and erases everybody on it from the database; runs as the same role.
 * - `accounts` reads it and removes their accounts at the identity provider, after that was restored.
 */
import { text } from "node:stream/consumers";

import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";

import { adviceOn } from "./database/connection-advice.ts";
import { connectionOptions } from "./database/connection.ts";
import { createLogger } from "./logging.ts";
import { createAccountsAtProvider } from "./privacy/accounts-at-provider.ts";
import { WrongList, parseErasureList, readErasureList, replayErasures, writeErasureList } from "./privacy/erasure-list.ts";
import { createErasureHashes } from "./privacy/erasure.ts";
import { readDatabaseSettings } from "./settings/database-settings.ts";
import { SettingsError } from "./settings/environment.ts";
import { readKeyFile } from "./settings/key-file.ts";
import { readLogSettings } from "./settings/log-settings.ts";
import { readAccountsSettings, readErasureKeySettings } from "./settings/privacy-settings.ts";

const USAGE = "Usage: node erasures.js list | replay < LIST | accounts < LIST\n";

/** The database could not be used; the message says where and what to do. */
class DatabaseFailed extends Error {
  override readonly name = "DatabaseFailed";
}

async function withDatabase<T>(work: (database: Kysely<unknown>) => Promise<T>): Promise<T> {
  const settings = readDatabaseSettings(process.env);
  const pool = new pg.Pool({ ...(await connectionOptions(settings)), application_name: "web-erasures", max: 1 });
  const database = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    return await work(database);
  } catch (error) {
    throw new DatabaseFailed(adviceOn(error, settings, "the work on the erasure list"), { cause: error });
  } finally {
    await database.destroy();
  }
}

async function main(): Promise<number> {
  // Standard output is for the list alone.
  const logger = createLogger(readLogSettings(process.env), process.stderr);
  const hashes = async () => createErasureHashes(await readKeyFile("ERASURE_KEY_FILE", readErasureKeySettings(process.env)));
  switch (process.argv[2]) {
    case "list":
      process.stdout.write(writeErasureList(await withDatabase(readErasureList)));
      return 0;
    case "replay": {
      const list = parseErasureList(await text(process.stdin));
      const keyed = await hashes();
      const erased = await withDatabase((database) => replayErasures(database, list, keyed));
      logger.info({ listed: list.length, erased }, "the erasure list was replayed");
      return 0;
    }
    case "accounts": {
      const settings = readAccountsSettings(process.env);
      if (settings === undefined) throw new SettingsError("✖ OIDC_ACCOUNTS_API: is not set\n  Fix: run this in the container of the web application, where it is.");
      const listed = new Set(parseErasureList(await text(process.stdin)).map(({ account }) => account));
      const keyed = await hashes();
      const removed = await createAccountsAtProvider(settings).removeWhere((subject) => listed.has(keyed.account(subject)));
      logger.info({ listed: listed.size, removed }, "erased accounts were removed at the identity provider");
      return 0;
    }
    default:
      process.stderr.write(USAGE);
      return 1;
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof SettingsError || error instanceof WrongList || error instanceof DatabaseFailed)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

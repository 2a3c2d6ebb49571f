/** PostgreSQL with the schema of this release and Redis, with the application's connections to both. */
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { expect, vi } from "vitest";

import { connectionOptions, openDatabase } from "../database/connection.ts";
import { migrations } from "../database/migrations/index.ts";
import { runMigrations } from "../database/run-migrations.ts";
import type { Tables } from "../database/tables.ts";
import { createLogger } from "../logging.ts";
import { openSessionsClient } from "../sessions/connection.ts";
import type { SessionsClient } from "../sessions/connection.ts";
import { makeSecretFiles, startPostgres, startRedis } from "./containers.ts";
import type { SecretFiles, TestDatabase, TestRedis } from "./containers.ts";

/** Both running, and connected to. */
export interface DataStores {
  readonly secrets: SecretFiles;
  readonly server: TestDatabase;
  readonly redis: TestRedis;
  /** As the application's role. */
  readonly database: Kysely<Tables>;
  readonly client: SessionsClient;
  stop(): Promise<void>;
}

/** Starts both from these images; a test's own, so that it may break them. */
export async function startDataStores(postgres: string, redisName: string): Promise<DataStores> {
  const logger = createLogger({ level: "silent", service: "web", environment: "test" });
  const secrets = await makeSecretFiles();
  const [server, redis] = await Promise.all([startPostgres(postgres, secrets), startRedis(redisName, secrets)]);
  const owner = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: new pg.Pool({ ...(await connectionOptions(server.owner)), max: 1 }) }) });
  await runMigrations(owner, migrations, { until: "all", lockLimit: 20_000 }, logger);
  await owner.destroy();
  const database = await openDatabase(server.application, logger);
  const client = await openSessionsClient(redis.settings, logger);
  await vi.waitFor(() => expect(client.isReady).toBe(true));
  return {
    secrets,
    server,
    redis,
    database,
    client,
    async stop() {
      client.destroy();
      await database.destroy();
      await Promise.all([server.container.stop(), redis.container.stop()]);
      await secrets.remove();
    },
  };
}

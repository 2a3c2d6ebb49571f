/** PostgreSQL and Redis in containers of a test's own, with the roles and rights that the platform gives. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import pg from "pg";
import { GenericContainer, ImageName, Wait, getContainerRuntimeClient } from "testcontainers";
import type { StartedTestContainer } from "testcontainers";

import type { DatabaseSettings } from "../settings/database-settings.ts";
import type { SessionSettings } from "../settings/session-settings.ts";

const LABELS = { "nl.jlam.test": "web" };
const PASSWORD = "only-for-this-test";

/**
 * The image to test with: the one that JLAM_IMAGE_<NAME> gives, one that was built from packages, or the official one;
 * undefined when none can be had, so that the tests which need it skip.
 *
 * @throws Error in that case with JLAM_REQUIRE_ALL=1, where a skip is a failure
 */
async function obtainImage(name: "postgres" | "redis", official: string): Promise<string | undefined> {
  try {
    const given = process.env[`JLAM_IMAGE_${name.toUpperCase()}`];
    if (given !== undefined) return given;
    const client = await getContainerRuntimeClient();
    const listed = await client.container.dockerode.listImages();
    const built = listed.flatMap((image) => image.RepoTags ?? []).find((tag) => tag.startsWith(`jlam-packages/${name}:`));
    if (built !== undefined) {
      // Who builds images from packages has no registry, and so not the image of Testcontainers' reaper either.
      process.env["TESTCONTAINERS_RYUK_DISABLED"] ??= "true";
      return built;
    }
    await client.image.pull(ImageName.fromString(official));
    return official;
  } catch (error) {
    if (process.env["JLAM_REQUIRE_ALL"] === "1") throw error;
    return undefined;
  }
}

export const postgresImage = (): Promise<string | undefined> => obtainImage("postgres", "postgres:17");
export const redisImage = (): Promise<string | undefined> => obtainImage("redis", "redis:8");

/** A directory of secret files that can be rewritten, as a rotation does. */
export interface SecretFiles {
  readonly directory: string;
  write(name: string, secret: string): Promise<string>;
}

/** Makes the directory; `remove` ends it. */
export async function makeSecretFiles(): Promise<SecretFiles & { remove(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), "jlam-web-secrets-"));
  return {
    directory,
    async write(name, secret) {
      const path = join(directory, name);
      await writeFile(path, `${secret}\n`);
      return path;
    },
    remove: () => rm(directory, { recursive: true }),
  };
}

/** A running PostgreSQL with an empty database and its roles. */
export interface TestDatabase {
  readonly container: StartedTestContainer;
  readonly owner: DatabaseSettings;
  readonly application: DatabaseSettings;
  /** Runs SQL as the superuser. */
  sql(text: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/** Starts PostgreSQL with the roles app_owner and app_application, whose rights come from default privileges. */
export async function startPostgres(image: string, secrets: SecretFiles): Promise<TestDatabase> {
  const container = await new GenericContainer(image)
    .withLabels(LABELS)
    .withEnvironment({ POSTGRES_PASSWORD: PASSWORD, POSTGRES_DB: "app" })
    .withTmpFs({ "/var/lib/postgresql/data": "rw" })
    .withExposedPorts(5432)
    // The server of the first start, which runs the scripts, listens on its socket only.
    .withHealthCheck({ test: ["CMD", "pg_isready", "-h", "127.0.0.1", "-U", "postgres"], interval: 250, timeout: 2_000, retries: 120 })
    .withWaitStrategy(Wait.forHealthCheck())
    .start();
  const address = { host: container.getHost(), port: container.getMappedPort(5432) };
  const sql: TestDatabase["sql"] = async (text) => {
    const client = new pg.Client({ ...address, user: "postgres", password: PASSWORD, database: "app" });
    await client.connect();
    try {
      const result: pg.QueryResult<Readonly<Record<string, unknown>>> = await client.query(text);
      return result.rows;
    } finally {
      await client.end();
    }
  };
  for (const role of ["app_owner", "app_application"]) await sql(`create role ${role} login password '${role}-password'`);
  await sql("revoke all on schema public from public");
  await sql("grant usage, create on schema public to app_owner");
  await sql("grant usage on schema public to app_application");
  await sql(
    "alter default privileges for role app_owner in schema public grant select, insert, update, delete on tables to app_application",
  );
  await sql("alter default privileges for role app_owner revoke execute on routines from public");
  await sql("alter default privileges for role app_owner in schema public grant execute on routines to app_application");
  const settings = async (user: string): Promise<DatabaseSettings> => ({
    ...address,
    name: "app",
    user,
    passwordFile: await secrets.write(user, `${user}-password`),
    tls: "off",
    caFile: undefined,
  });
  return { container, sql, owner: await settings("app_owner"), application: await settings("app_application") };
}

/** A running Redis that asks for a password. */
export interface TestRedis {
  readonly container: StartedTestContainer;
  readonly settings: SessionSettings;
  /** Runs one command and gives what redis-cli prints. */
  command(...words: readonly string[]): Promise<string>;
}

/** Starts Redis without persistence. */
export async function startRedis(image: string, secrets: SecretFiles): Promise<TestRedis> {
  const container = await new GenericContainer(image)
    .withLabels(LABELS)
    .withCommand(["redis-server", "--requirepass", PASSWORD, "--save", ""])
    .withEnvironment({ REDISCLI_AUTH: PASSWORD })
    .withExposedPorts(6379)
    .withHealthCheck({ test: ["CMD", "redis-cli", "ping"], interval: 250, timeout: 2_000, retries: 60 })
    .withWaitStrategy(Wait.forHealthCheck())
    .start();
  return {
    container,
    settings: {
      host: container.getHost(),
      port: container.getMappedPort(6379),
      user: undefined,
      passwordFile: await secrets.write("sessions", PASSWORD),
      tls: "off",
      caFile: undefined,
      keyFile: await secrets.write("session-key", "k".repeat(44)),
    },
    async command(...words) {
      const { output } = await container.exec(["redis-cli", "--no-auth-warning", ...words]);
      return output.trim();
    },
  };
}

/** A database's password is rotated on a real PostgreSQL, under an application that must not notice. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { notBackedUp, postgres, text, type Provider } from "@jlam/compose-dsl";
import { postgresContainer } from "@jlam/postgres";
import { databaseName, type RoleKind } from "@jlam/postgres/roles";
import { Client, Pool } from "pg";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createDatabaseLogins } from "../../databases/create-logins.ts";
import type { Administrator } from "../../databases/create-roles.ts";
import { imageOnThisMachine, startProvided, type RunningService } from "../../databases/provided-service.ts";
import { rolePasswords } from "../../databases/role-passwords.ts";
import { generateMissing, setSecret } from "../change.ts";
import { materialise } from "../materialise.ts";
import { readIdentities } from "../sealed/identity.ts";
import { trial, trialValue, type Trial } from "../trial.fixture.ts";
import { readJournal } from "./journal.ts";
import { loginServer, type LoginServer } from "./login-server.ts";
import type { StepName } from "./plan.ts";
import { rotate, takeBack, type RotationProgress } from "./rotate.ts";

const app = databaseName("app");

/** A server as a cloud provider gives it: every role may try to sign in over the network. */
function managedServer(): Provider {
  const container = postgresContainer(postgres("main", { owner: "platform", holds: "medical-data", backup: notBackedUp("a test") }), { memory: "256M", cpus: 1 });
  const rules = text("local all all peer map=operator\nhost all all all scram-sha-256\n");
  return { ...container, services: container.services.map((node) => ({ ...node, mounts: { ...node.mounts, "/etc/postgresql/pg_hba.conf": rules } })) };
}

const node = managedServer().services[0];
const image = node && (await imageOnThisMachine(node));

describe.skipIf(image === undefined)(`rotating a database's password (${image ?? "no image on this machine"})`, () => {
  let server: RunningService;
  let administrator: Administrator;
  let logins: LoginServer;

  beforeAll(async () => {
    server = await startProvided(managedServer(), image ?? "");
    const made = await server.exec(["psql", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--username=postgres", "--dbname=postgres", "--command=CREATE ROLE administrator LOGIN CREATEDB CREATEROLE PASSWORD 'the-administrators-password'; GRANT CONNECT ON DATABASE postgres TO administrator"]);
    expect(made.exitCode, made.output).toBe(0);
    administrator = { host: server.host, port: 5432, user: "administrator", password: "the-administrators-password", maintenanceDatabase: "postgres", tls: { kind: "off" } };
    logins = loginServer(administrator);
  }, 180_000);
  afterAll(() => server.stop());

  /** A repository whose secrets the server knows. */
  async function begun(): Promise<Trial> {
    const place = await trial();
    await generateMissing(place.target());
    await setSecret(place.target(), "one.TOKEN", trialValue);
    await setSecret(place.target(), "postgres-app.certificate-authority", "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ\n-----END CERTIFICATE-----");
    await repair(place);
    return place;
  }
  const repair = async (place: Trial) => createDatabaseLogins(administrator, app, await rolePasswords(place.environment(), place.root, app, place.identity));
  const goOn = (place: Trial, id: string, done?: StepName): Promise<RotationProgress> =>
    rotate(place.target(), id, { value: undefined, done, identities: () => readIdentities(place.identity), server: async () => logins });

  /** The application of one release: the login that its environment names, the password of its own files. */
  async function release(place: Trial): Promise<Pool> {
    const { folder } = await materialise(place.environment(), { root: place.root, identity: place.identity }, join(place.root, "secrets"));
    const user = place.environment().providers.get("postgres-app")?.binding.user("application");
    // A connection lasts three queries, so that the password is asked for all the time.
    const pool = new Pool({ host: server.host, database: "app", user, password: () => readFile(join(folder, "one", "DATABASE_PASSWORD"), "utf8"), max: 3, maxUses: 3, connectionTimeoutMillis: 5_000 });
    pool.on("error", () => undefined);
    onTestFinished(async () => {
      if (!pool.ended) await pool.end();
    });
    return pool;
  }

  /** Asks whichever release is active, three at a time, until it is stopped; counts what failed. */
  function load(active: () => Pool): { readonly stop: () => Promise<{ readonly asked: number; readonly failed: readonly string[] }> } {
    let going = true;
    let asked = 0;
    const failed: string[] = [];
    const worker = async (): Promise<void> => {
      while (going) {
        asked += 1;
        await active().query("SELECT 1").catch((error: unknown) => failed.push(String(error)));
        await wait(2);
      }
    };
    const workers = [worker(), worker(), worker()];
    return {
      stop: async () => {
        going = false;
        await Promise.all(workers);
        return { asked, failed };
      },
    };
  }

  test("the application never loses its connection, and the old login is closed in the end", async () => {
    const place = await begun();
    const id = "postgres-app.application";
    const [old] = (await rolePasswords(place.environment(), place.root, app, place.identity)).application;
    const first = await release(place);
    let active = first;
    const running = load(() => active);
    await wait(500);

    expect((await goOn(place, id)).waitsFor?.name).toBe("deploy");
    const second = await release(place);
    await second.query("SELECT 1");
    active = second;
    // The old release hasn't drained yet: nothing may take its login away.
    const held = await first.connect();
    await expect(goOn(place, id, "deploy")).rejects.toThrow(/still has \d+ session/);
    held.release();
    await first.end();
    const ended = await goOn(place, id);
    await wait(500);
    const { asked, failed } = await running.stop();

    expect(failed).toEqual([]);
    expect(asked).toBeGreaterThan(100);
    expect(ended.waitsFor).toBeUndefined();
    expect(readJournal(place.root, "trial")).toMatchObject([{ secret: id, from: 1, to: 2, state: "finished", done: [{ step: "add" }, { step: "open" }, { step: "switch" }, { step: "deploy" }, { step: "verify" }, { step: "revoke" }] }]);
    expect(await logins.letsIn({ database: app, kind: "application", version: 1 }, old?.password ?? "")).toBe(false);
    expect(await current(place, "application")).toMatchObject({ session_user: "app_application_2", current_user: "app_application", statement_timeout: "30s" });
  }, 120_000);

  test("replacing the password in one step loses connections, under the same load", async () => {
    const place = await begun();
    const only = await release(place);
    const running = load(() => only);
    await wait(300);
    await logins.open({ database: app, kind: "application", version: 1 }, "another-password-that-nobody-deployed");
    await wait(500);
    const { failed } = await running.stop();
    expect(failed[0]).toContain("password authentication failed");
  }, 120_000);

  test("what the owner's second login makes belongs to the owner, and the application may use it", async () => {
    const place = await begun();
    await goOn(place, "postgres-app.owner");
    await goOn(place, "postgres-app.owner", "deploy");
    await as(place, "owner", "DROP TABLE IF EXISTS visit; CREATE TABLE visit (a int)");
    expect(await as(place, "owner", "SELECT tableowner FROM pg_tables WHERE tablename = 'visit'")).toEqual([{ tableowner: "app_owner" }]);
    await as(place, "application", "INSERT INTO visit VALUES (1)");
    expect(await as(place, "backup", "SELECT a FROM visit")).toEqual([{ a: 1 }]);
  }, 120_000);

  test("the third version is the first login's again, and repairing the roles keeps the closed one closed", async () => {
    const place = await begun();
    const id = "postgres-app.backup";
    for (const version of [2, 3]) {
      await goOn(place, id);
      expect((await goOn(place, id, "deploy")).rotation).toMatchObject({ to: version, state: "finished" });
    }
    await repair(place);
    expect(await current(place, "backup")).toMatchObject({ session_user: "app_backup" });
    expect((await server.exec(["psql", "--no-psqlrc", "--tuples-only", "--no-align", "--username=postgres", "--dbname=postgres", "--command=SELECT rolcanlogin FROM pg_roles WHERE rolname = 'app_backup_2'"])).output.trim()).toBe("f");
  }, 120_000);

  test("a rotation that is taken back leaves the old login as it was, and the new one closed", async () => {
    const place = await begun();
    const id = "postgres-app.application";
    await goOn(place, id);
    const fresh = (await rolePasswords(place.environment(), place.root, app, place.identity)).application.find(({ version }) => version === 2);
    expect(await takeBack(place.target(), id, { done: undefined, server: async () => logins })).toMatchObject({ state: "taken-back" });
    expect(await current(place, "application")).toMatchObject({ session_user: "app_application" });
    expect(await logins.letsIn({ database: app, kind: "application", version: 2 }, fresh?.password ?? "")).toBe(false);
  }, 120_000);

  test("interrupted after any step, the next run goes on from there", async () => {
    const place = await begun();
    const id = "postgres-app.monitoring";
    const unreachable = async (): Promise<LoginServer> => Promise.reject(new Error("the network is gone"));
    await expect(rotate(place.target(), id, { value: undefined, done: undefined, identities: () => readIdentities(place.identity), server: unreachable })).rejects.toThrow("the network is gone");
    expect(readJournal(place.root, "trial").at(-1)?.done.map(({ step }) => step)).toEqual(["add"]);
    expect((await goOn(place, id)).waitsFor?.name).toBe("deploy");
    expect((await goOn(place, id, "deploy")).waitsFor).toBeUndefined();
  }, 120_000);

  async function as(place: Trial, kind: RoleKind, statement: string): Promise<readonly unknown[]> {
    const environment = place.environment();
    const user = environment.providers.get("postgres-app")?.binding.user(kind);
    const passwords = (await rolePasswords(environment, place.root, app, place.identity))[kind];
    const client = new Client({ host: server.host, user, password: passwords.at(-1)?.password, database: "app", connectionTimeoutMillis: 5_000 });
    await client.connect();
    try {
      return (await client.query(statement)).rows;
    } finally {
      await client.end();
    }
  }
  const current = async (place: Trial, kind: RoleKind): Promise<unknown> =>
    (await as(place, kind, "SELECT session_user::text, current_user::text, current_setting('statement_timeout') AS statement_timeout"))[0];
});

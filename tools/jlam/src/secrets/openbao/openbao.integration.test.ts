/** Values and database logins from a real OpenBao server, initialised and unsealed as an administrator does, and a real PostgreSQL. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { notBackedUp, openBaoSecrets, postgres, resolveEnvironment, service, text, type Provider, type ResolvedEnvironment } from "@jlam/compose-dsl";
import { postgresContainer } from "@jlam/postgres";
import { databaseName } from "@jlam/postgres/roles";
import { Client } from "pg";
import { GenericContainer, Wait, type StartedTestContainer } from "testcontainers";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { createDatabaseRoles, type Administrator } from "../../databases/create-roles.ts";
import { imageOnThisMachine, startProvided, type RunningService } from "../../databases/provided-service.ts";
import { generateMissing, setSecret } from "../change.ts";
import { secretFilesOf } from "../materialise.ts";
import { trial, trialValue } from "../trial.fixture.ts";
import { keptValues } from "../values.ts";
import { endLease, leaseLogin, prepareLeases } from "./leases.ts";
import { testedOpenBao } from "./tested-image.ts";
import { readOpenBao, writeOpenBao, type OpenBao } from "./values.ts";

const app = databaseName("app");
const bao = service("openbao", { owner: "tests", image: testedOpenBao, resources: { memory: "256M", cpus: 1 } });
const baoImage = await imageOnThisMachine(bao);

/** A server as a cloud provider gives it: every role may try to sign in over the network. */
function managedServer(): Provider {
  const container = postgresContainer(postgres("main", { owner: "platform", holds: "medical-data", backup: notBackedUp("a test") }), { memory: "256M", cpus: 1 });
  const rules = text("local all all peer map=operator\nhost all all all scram-sha-256\n");
  return { ...container, services: container.services.map((node) => ({ ...node, mounts: { ...node.mounts, "/etc/postgresql/pg_hba.conf": rules } })) };
}
const node = managedServer().services[0];
const databaseImage = node && (await imageOnThisMachine(node));

const configuration = JSON.stringify({
  storage: { raft: { path: "/openbao/file", node_id: "test" } },
  // The test's own machine alone reaches it.
  listener: [{ tcp: { address: "0.0.0.0:8200", tls_disable: true } }],
  api_addr: "http://127.0.0.1:8200",
  cluster_addr: "http://127.0.0.1:8201",
});

describe.skipIf(baoImage === undefined || databaseImage === undefined)(`OpenBao (${baoImage ?? "no image of OpenBao on this machine: JLAM_IMAGE_OPENBAO"})`, () => {
  let container: StartedTestContainer;
  let server: OpenBao;
  let database: RunningService;
  let administrator: Administrator;
  const folder = join(tmpdir(), `jlam-openbao-${process.pid}`);
  const root = join(folder, "root-token");
  const reader = join(folder, "reader-token");

  /** Asks the server as its administrator, where no command of ours does. */
  async function ask(path: string, body?: unknown, token = ""): Promise<unknown> {
    const response = await fetch(`${server.address}/v1/${path}`, { method: body === undefined ? "GET" : "POST", headers: { "X-Vault-Token": token }, ...(body !== undefined && { body: JSON.stringify(body) }) });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.status === 204 ? undefined : await response.json();
  }

  beforeAll(async () => {
    mkdirSync(folder, { mode: 0o700 });
    container = await new GenericContainer(baoImage ?? "")
      .withCommand(["server", "-config=/openbao/config/config.json"])
      .withCopyContentToContainer([{ content: configuration, target: "/openbao/config/config.json" }])
      .withExposedPorts(8200)
      .withLabels({ "nl.jlam.test": "openbao" })
      .withWaitStrategy(Wait.forHttp("/v1/sys/health?uninitcode=200", 8200).withStartupTimeout(30_000))
      .start();
    const values = openBaoSecrets({ address: `http://127.0.0.1:${container.getMappedPort(8200)}` });
    if (values.kind !== "openbao") throw new RangeError("unreachable");
    server = values;
    const { keys, root_token: token } = z.object({ keys: z.array(z.string()), root_token: z.string() }).parse(await ask("sys/init", { secret_shares: 1, secret_threshold: 1 }));
    await ask("sys/unseal", { key: keys[0] });
    // Unsealed, it is elected the leader of its cluster of one; until then it answers 429.
    await vi.waitFor(async () => expect((await fetch(`${server.address}/v1/sys/health`)).status).toBe(200), { timeout: 30_000, interval: 200 });
    writeFileSync(root, token, { mode: 0o600 });
    await ask(`sys/mounts/${server.mount}`, { type: "kv", options: { version: "2" } }, token);
    await ask("sys/mounts/database", { type: "database" }, token);
    await ask("sys/policies/acl/reader", { policy: `path "${server.mount}/data/trial/*" { capabilities = ["read"] }\npath "database/creds/trial-*" { capabilities = ["read"] }` }, token);
    const made = z.object({ auth: z.object({ client_token: z.string() }) }).parse(await ask("auth/token/create", { policies: ["reader"] }, token));
    writeFileSync(reader, made.auth.client_token, { mode: 0o600 });
    return () => container.stop();
  }, 180_000);

  beforeAll(async () => {
    database = await startProvided(managedServer(), databaseImage ?? "");
    const { exitCode, output } = await database.exec(["psql", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--username=postgres", "--dbname=postgres", "--command=CREATE ROLE administrator LOGIN CREATEDB CREATEROLE PASSWORD 'the-administrators-password'; GRANT CONNECT ON DATABASE postgres TO administrator; ALTER ROLE ALL SET log_statement = 'all'"]);
    expect(exitCode, output).toBe(0);
    administrator = { host: database.host, port: 5432, user: "administrator", password: "the-administrators-password", maintenanceDatabase: "postgres", tls: { kind: "off" } };
    const password = (role: string): string => `the-${role}s-password-of-a-test`;
    await createDatabaseRoles(administrator, app, { owner: password("owner"), application: password("application"), monitoring: password("monitor"), backup: password("backup") });
    await prepareLeases(server, "trial", app, administrator, root);
    return () => database.stop();
  }, 180_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("gives the same schema the same files as the encrypted file does", async () => {
    const place = await trial();
    await generateMissing(place.target());
    await setSecret(place.target(), "one.TOKEN", trialValue);
    await setSecret(place.target(), "postgres-app.certificate-authority", "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ\n-----END CERTIFICATE-----");
    const sealed = place.environment();
    for (const [id, value] of await keptValues(sealed, { root: place.root, identity: place.identity })) await writeOpenBao(server, "trial", id, value, root);
    const moved: ResolvedEnvironment = resolveEnvironment({ ...sealed.node, secrets: server });
    expect(await secretFilesOf(moved, { root: place.root, identity: reader })).toEqual(await secretFilesOf(sealed, { root: place.root, identity: place.identity }));
  });

  test("names what is missing there", async () => {
    const place = await trial();
    const elsewhere = resolveEnvironment({ ...place.environment().node, name: "empty", secrets: server });
    await expect(secretFilesOf(elsewhere, { root: place.root, identity: root })).rejects.toMatchObject({ why: expect.stringContaining("one.TOKEN") });
  });

  test("refuses a token whose policy is for another environment, in words", async () => {
    await expect(readOpenBao(server, "production", ["web.SESSION_KEY"], reader)).rejects.toThrow("OpenBao refused (403).");
  });

  test("that can't be reached is told as such", async () => {
    await expect(readOpenBao({ ...server, address: "http://127.0.0.1:9" }, "trial", ["x"], reader)).rejects.toThrow("OpenBao can't be reached.");
  });

  test("an address without TLS is refused where it isn't this machine", () => {
    expect(() => openBaoSecrets({ address: "http://bao.jlam.nl:8200" })).toThrow("without TLS");
  });

  describe("leased logins", () => {
    const connect = async (user: string, password: string): Promise<Client> => {
      const client = new Client({ host: database.host, user, password, database: "app", connectionTimeoutMillis: 5_000 });
      client.on("error", () => undefined);
      await client.connect();
      return client;
    };

    test("work as the role that they are for, and have an end", async () => {
      const { user, password, seconds } = await leaseLogin(server, "trial", app, "application", reader);
      const client = await connect(user, password);
      const { rows } = await client.query("SELECT current_user::text, current_setting('statement_timeout') AS timeout, (SELECT rolvaliduntil > now() FROM pg_roles WHERE rolname = session_user) AS ends");
      await client.end();
      expect(rows).toEqual([{ current_user: "app_application", timeout: "30s", ends: true }]);
      expect(seconds).toBe(8 * 3600);
    });

    test("are another one each time", async () => {
      const [first, second] = [await leaseLogin(server, "trial", app, "monitoring", reader), await leaseLogin(server, "trial", app, "monitoring", reader)];
      expect(first.user).not.toBe(second.user);
    });

    test("end with their sessions, and what they made stays the role's", async () => {
      const { user, password, lease } = await leaseLogin(server, "trial", app, "owner", reader);
      const client = await connect(user, password);
      const ended = new Promise((resolve) => client.once("end", resolve));
      await client.query("CREATE TABLE leased (a int)");
      await endLease(server, lease, root);
      await ended;
      await expect(connect(user, password)).rejects.toThrow(/password authentication failed|is not permitted to log in/);
      const owner = await database.exec(["psql", "--no-psqlrc", "--tuples-only", "--no-align", "--username=postgres", "--dbname=app", "--command=SELECT tableowner FROM pg_tables WHERE tablename = 'leased'"]);
      expect(owner.output.trim()).toBe("app_owner");
    });

    test("show no password in the server's log, which has their statements", async () => {
      const { user, password } = await leaseLogin(server, "trial", app, "backup", reader);
      const log = await database.logs();
      expect(log).toContain(user);
      expect(log).toContain("SCRAM-SHA-256$");
      expect(log).not.toContain(password);
    });
  });
});

import { notBackedUp, postgres } from "@jlam/compose-dsl";
import { postgresContainer } from "@jlam/postgres";
import { databaseName, roleKinds, type RoleKind } from "@jlam/postgres/roles";
import { startScriptCommand } from "@jlam/postgres/start-script";
import { backendBytes } from "@jlam/postgres/tuning";
import { Client, DatabaseError } from "pg";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { imageOnThisMachine, startProvided, type RunningService } from "./provided-service.ts";
import { verifyRoles } from "./verify-roles.ts";

const app = databaseName("app");
const provider = postgresContainer(
  postgres("app", { owner: "platform", holds: "medical-data", backup: notBackedUp("a test") }),
  { memory: "512M", cpus: 1 },
);
const node = provider.services[0];
const image = node && (await imageOnThisMachine(node));

/** Code of the server's error, or "none": so that a test that expects a refusal names which. */
async function errorOf(work: Promise<unknown>): Promise<string | undefined> {
  return work.then(() => "none", (error: unknown) => (error instanceof DatabaseError ? error.code : String(error)));
}
const insufficientPrivilege = "42501";
const readOnlyTransaction = "25006";
const invalidPassword = "28P01";
const noAccessRule = "28000";
const tooManyConnections = "53300";

describe.skipIf(image === undefined)(`PostgreSQL in a container (${image ?? "no image on this machine"})`, () => {
  let server: RunningService;
  const open: Client[] = [];

  const passwordOf = (kind: RoleKind): string =>
    server.secrets.find((secret) => secret.name === `${kind.toUpperCase()}_VERIFIER`)?.sources["password"] ?? "";
  const connectAs = async (user: string, password: string, database: string): Promise<Client> => {
    const client = new Client({ host: server.host, user, password, database, connectionTimeoutMillis: 5_000 });
    client.on("error", () => {});
    await client.connect();
    open.push(client);
    return client;
  };
  const connect = (kind: RoleKind, database = "app"): Promise<Client> => connectAs(`app_${kind}`, passwordOf(kind), database);
  const asSuperuser = async (statement: string, database = "app"): Promise<string> => {
    const result = await server.exec(["psql", "--no-psqlrc", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1", "--username=postgres", `--dbname=${database}`, `--command=${statement}`]);
    if (result.exitCode !== 0) throw new Error(result.output);
    return result.output.trim();
  };

  beforeAll(async () => {
    server = await startProvided(provider, image ?? "");
    return () => server.stop();
  }, 150_000);

  beforeAll(async () => {
    const owner = await connect("owner");
    await owner.query("CREATE TABLE member (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text UNIQUE, weight int)");
    await owner.query("CREATE FUNCTION shout(t text) RETURNS text LANGUAGE sql RETURN upper(t)");
    await owner.query("INSERT INTO member (email, weight) VALUES ('first@example.org', 70)");
    await owner.end();
  }, 60_000);

  afterEach(() => Promise.all(open.splice(0).map((client) => client.end())));

  test("everything that must be true of the roles is true", async () => {
    const findings = await verifyRoles(await connect("monitoring"), app);
    expect(findings.length).toBeGreaterThan(20);
    expect(findings.filter((finding) => !finding.holds)).toEqual([]);
  });

  test("the server runs with the settings that the memory limit gives", async () => {
    const client = await connect("monitoring");
    const { rows } = await client.query("SELECT name, setting FROM pg_settings WHERE name IN ('shared_buffers', 'max_connections', 'log_min_messages', 'hba_file') ORDER BY name");
    expect(rows).toEqual([
      { name: "hba_file", setting: "/etc/postgresql/pg_hba.conf" },
      { name: "log_min_messages", setting: "log" },
      { name: "max_connections", setting: "51" },
      { name: "shared_buffers", setting: String(128 * 1024 / 8) },
    ]);
  });

  test("a backend that has worked for a while takes no more memory than the division of the limit allows it", async () => {
    const client = await connect("application");
    for (let statement = 0; statement < 300; statement++) {
      await client.query(`SELECT id, email, weight + ${statement} FROM member m JOIN pg_class c ON c.oid = m.id ORDER BY email`);
    }
    const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    const status = await server.exec(["cat", `/proc/${rows[0]?.pid}/status`]);
    const kibibytes = Number(/^RssAnon:\s+(\d+) kB$/m.exec(status.output)?.[1]);
    expect(kibibytes).toBeGreaterThan(0);
    expect(kibibytes * 1024).toBeLessThan(backendBytes);
  });

  describe("the application's role", () => {
    test("reads and changes rows of tables that a migration made", async () => {
      const client = await connect("application");
      await client.query("INSERT INTO member (email) VALUES ('second@example.org')");
      await client.query("UPDATE member SET weight = 80 WHERE email = 'second@example.org'");
      const { rowCount } = await client.query("DELETE FROM member WHERE email = 'second@example.org'");
      expect(rowCount).toBe(1);
    });

    test("calls functions that a migration made", async () => {
      const { rows } = await (await connect("application")).query("SELECT shout('a') AS loud");
      expect(rows).toEqual([{ loud: "A" }]);
    });

    test.each([
      ["create a table", "CREATE TABLE stolen (a int)"],
      ["create a temporary table", "CREATE TEMPORARY TABLE stolen (a int)"],
      ["create a schema", "CREATE SCHEMA stolen"],
      ["drop a table", "DROP TABLE member"],
      ["change a table", "ALTER TABLE member ADD COLUMN a int"],
      ["empty a table", "TRUNCATE member"],
      ["read the verifiers of passwords", "SELECT rolpassword FROM pg_authid"],
      ["load a file of the server", "SELECT lo_import('/etc/passwd')"],
      ["act as the owner", "SET ROLE app_owner"],
      ["act as the superuser", "SET ROLE postgres"],
      ["run a program", "COPY member FROM PROGRAM 'id'"],
      ["read a file of the server", "SELECT pg_read_file('/etc/passwd')"],
    ])("can't %s", async (_what, statement) => {
      expect(await errorOf((await connect("application")).query(statement))).toBe(insufficientPrivilege);
    });

    test("is stopped when a statement takes too long", async () => {
      const { rows } = await (await connect("application")).query("SHOW statement_timeout");
      expect(rows).toEqual([{ statement_timeout: "30s" }]);
    });

    test("can't connect to another database", async () => {
      expect(await errorOf(connect("application", "postgres"))).toBe(noAccessRule);
    });

    test("can't connect with another role's password", async () => {
      expect(await errorOf(connectAs("app_application", passwordOf("owner"), "app"))).toBe(invalidPassword);
    });
  });

  describe("the monitoring role", () => {
    test("sees what other sessions run", async () => {
      const application = await connect("application");
      await application.query("SELECT 'recognisable'");
      const { rows } = await (await connect("monitoring")).query("SELECT query FROM pg_stat_activity WHERE usename = 'app_application' AND query LIKE '%recognisable%'");
      expect(rows.length).toBeGreaterThan(0);
    });

    test("sees the statistics of statements without their values", async () => {
      await (await connect("application")).query("SELECT count(*) FROM member WHERE email = 'somebody@example.org'");
      const { rows } = await (await connect("monitoring", "postgres")).query("SELECT query FROM pg_stat_statements WHERE query LIKE '%count(*) FROM member%'");
      expect(rows).toEqual([{ query: "SELECT count(*) FROM member WHERE email = $1" }]);
    });

    test("reads no table", async () => {
      expect(await errorOf((await connect("monitoring")).query("SELECT * FROM public.member"))).toBe(insufficientPrivilege);
    });

    test("gets no third connection, so that a stuck exporter can't use all of them", async () => {
      await Promise.all([connect("monitoring"), connect("monitoring")]);
      expect(await errorOf(connect("monitoring"))).toBe(tooManyConnections);
    });
  });

  describe("the backup's role", () => {
    test("reads every table, also where row-level security hides rows from others", async () => {
      const owner = await connect("owner");
      await owner.query("CREATE TABLE hidden (a int); INSERT INTO hidden VALUES (1); ALTER TABLE hidden ENABLE ROW LEVEL SECURITY");
      const { rows } = await (await connect("backup")).query("SELECT a FROM hidden");
      await owner.query("DROP TABLE hidden");
      expect(rows).toEqual([{ a: 1 }]);
    });

    test("writes nothing, even where it lifts its own read-only default", async () => {
      const client = await connect("backup");
      expect(await errorOf(client.query("INSERT INTO member (email) VALUES ('x')"))).toBe(readOnlyTransaction);
      await client.query("SET default_transaction_read_only = off");
      expect(await errorOf(client.query("INSERT INTO member (email) VALUES ('x')"))).toBe(insufficientPrivilege);
    });

    test("can't read the verifiers of passwords", async () => {
      expect(await errorOf((await connect("backup")).query("SELECT rolpassword FROM pg_authid"))).toBe(insufficientPrivilege);
    });

    test("dumps the whole database, schema and rows", async () => {
      const dump = await server.exec(["pg_dump", "--username=app_backup", "--dbname=app"]);
      expect(dump.output).toContain("first@example.org");
      expect(dump.exitCode).toBe(0);
    });

    test("can't stream the server's whole log, which holds every database", async () => {
      expect(await errorOf((await connect("backup")).query("SELECT pg_create_physical_replication_slot('x')"))).toBe(insufficientPrivilege);
    });
  });

  test("the superuser has no password and no way in over the network", async () => {
    expect(await asSuperuser("SELECT rolpassword IS NULL FROM pg_authid WHERE rolname = 'postgres'")).toBe("t");
    expect(await errorOf(connectAs("postgres", "any", "app"))).toBe(noAccessRule);
  });

  test("tables in a schema that a migration made are covered as well", async () => {
    const owner = await connect("owner");
    await owner.query("CREATE SCHEMA diary CREATE TABLE entry (a int)");
    const application = await connect("application");
    await application.query("INSERT INTO diary.entry VALUES (1)");
    const { rows } = await (await connect("backup")).query("SELECT a FROM diary.entry");
    await owner.query("DROP SCHEMA diary CASCADE");
    expect(rows).toEqual([{ a: 1 }]);
  });

  test("every verifier is SCRAM", async () => {
    expect(await asSuperuser("SELECT count(*) FROM pg_authid WHERE rolname LIKE 'app\\_%' AND rolpassword LIKE 'SCRAM-SHA-256$4096:%'")).toBe("4");
  });

  test("running the start script again changes nothing and keeps everyone signed in", async () => {
    const state = "SELECT json_agg(r ORDER BY rolname) FROM (SELECT r.*, a.rolpassword AS verifier FROM pg_roles r JOIN pg_authid a ON a.oid = r.oid) r";
    const privileges = "SELECT json_agg(x) FROM (SELECT relname, relacl::text FROM pg_class WHERE relnamespace = 'public'::regnamespace UNION ALL SELECT datname, datacl::text FROM pg_database UNION ALL SELECT defaclobjtype::text, defaclacl::text FROM pg_default_acl ORDER BY 1, 2) x";
    const before = [await asSuperuser(state), await asSuperuser(privileges)];
    const again = await server.exec(startScriptCommand);
    expect(again).toEqual({ exitCode: 0, output: "" });
    expect([await asSuperuser(state), await asSuperuser(privileges)]).toEqual(before);
    await (await connect("application")).query("SELECT 1");
  });

  test("the start script takes back what somebody granted by hand", async () => {
    await asSuperuser("ALTER ROLE app_application CREATEDB; GRANT CONNECT ON DATABASE app TO PUBLIC");
    const client = await connect("application");
    const wrong = async () => (await verifyRoles(client, app)).filter((finding) => !finding.holds).map((finding) => `${finding.role} ${finding.claim}`);
    expect(await wrong()).toEqual([
      "app_owner shares its database with nobody outside these roles",
      "app_application can log in, and has no power over the server",
    ]);
    await server.exec(startScriptCommand);
    expect(await wrong()).toEqual([]);
  });

  test("what people typed is in no log, neither as a statement nor in the sentence or details of an error", async () => {
    const client = await connect("application");
    expect(await errorOf(client.query("INSERT INTO member (email) VALUES ($1)", ["first@example.org"]))).toBe("23505");
    expect(await errorOf(client.query("SELECT 'jan@example.org'::int"))).toBe("22P02");
    expect(await errorOf(client.query("SELEKT 'jan@example.org'"))).toBe("42601");
    const log = await server.logs();
    expect(log).toContain("database system is ready to accept connections");
    expect(log).not.toMatch(/example\.org/);
  });

  test("passwords are in no log, argument, environment or file of the container, also when all statements are logged", async () => {
    await asSuperuser("ALTER ROLE ALL SET log_statement = 'all'");
    await server.exec(startScriptCommand);
    const client = await connect("application");
    await client.query("SELECT 'so that something is logged'");
    const everywhere = await server.exec(["sh", "-c", "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ /run/secrets/* 2>/dev/null | tr '\\0' '\\n'"]);
    const texts = `${await server.logs()}\n${everywhere.output}\n${JSON.stringify(server.node.settings)}`;
    await asSuperuser("ALTER ROLE ALL RESET log_statement");
    expect(texts).toContain("statement: DO $role$");
    expect(texts).toContain("POSTGRES_PASSWORD_FILE");
    for (const kind of roleKinds) expect(texts.includes(passwordOf(kind)), `the password of ${kind}`).toBe(false);
  });

  test("the data and the roles are there after a restart", async () => {
    await server.restart();
    const { rows } = await (await connect("application")).query("SELECT email FROM member");
    expect(rows).toEqual([{ email: "first@example.org" }]);
  });
});

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { notBackedUp, postgres, text, type Provider } from "@jlam/compose-dsl";
import { postgresContainer } from "@jlam/postgres";
import { databaseName, roleKinds, type RoleKind } from "@jlam/postgres/roles";
import { Client, DatabaseError } from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { issueAuthority } from "../certificates/issue.ts";
import { createDatabaseRoles, type Administrator, type CreatedRoles } from "./create-roles.ts";
import { imageOnThisMachine, startProvided, type RunningService } from "./provided-service.ts";

const run = promisify(execFile);
const clinic = databaseName("clinic");
const passwords: Readonly<Record<RoleKind, string>> = {
  owner: "the-owners-password-of-a-test",
  application: "the-applications-password-of-a-test",
  monitoring: "the-monitors-password-of-a-test",
  backup: "the-backups-password-of-a-test",
};

/** A server as a cloud provider gives it: every role may try to sign in over the network. */
function managedServer(): Provider {
  const container = postgresContainer(
    postgres("app", { owner: "platform", holds: "medical-data", backup: notBackedUp("a test") }),
    { memory: "256M", cpus: 1 },
  );
  const rules = text("local all all peer map=operator\nhost all all all scram-sha-256\n");
  return {
    ...container,
    services: container.services.map((node) => ({ ...node, mounts: { ...node.mounts, "/etc/postgresql/pg_hba.conf": rules } })),
  };
}

const node = managedServer().services[0];
const image = node && (await imageOnThisMachine(node));

describe.skipIf(image === undefined)(`creating roles on a managed server (${image ?? "no image on this machine"})`, () => {
  let server: RunningService;
  let administrator: Administrator;
  let first: CreatedRoles;

  const asSuperuser = async (statement: string, database = "postgres"): Promise<string> => {
    const result = await server.exec(["psql", "--no-psqlrc", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1", "--username=postgres", `--dbname=${database}`, `--command=${statement}`]);
    if (result.exitCode !== 0) throw new Error(result.output);
    return result.output.trim();
  };
  const queryAs = async (kind: RoleKind, password: string, statement: string): Promise<readonly unknown[]> => {
    const client = new Client({ host: server.host, user: `clinic_${kind}`, password, database: "clinic", connectionTimeoutMillis: 5_000 });
    await client.connect();
    try {
      return (await client.query(statement)).rows;
    } finally {
      await client.end();
    }
  };

  beforeAll(async () => {
    server = await startProvided(managedServer(), image ?? "");
    return () => server.stop();
  }, 150_000);

  beforeAll(async () => {
    // What Scaleway documents: an administrator creates databases and users, and is no superuser.
    await asSuperuser("CREATE ROLE administrator LOGIN CREATEDB CREATEROLE PASSWORD 'the-administrators-password'");
    await asSuperuser("GRANT CONNECT ON DATABASE postgres TO administrator");
    await asSuperuser("ALTER ROLE ALL SET log_statement = 'all'");
    administrator = {
      host: server.host,
      port: 5432,
      user: "administrator",
      password: "the-administrators-password",
      maintenanceDatabase: "postgres",
      tls: { kind: "off" },
    };
    first = await createDatabaseRoles(administrator, clinic, passwords);
  }, 60_000);

  test("creates the database", () => {
    expect(first.databaseCreated).toBe(true);
  });

  test("names the one thing that the administrator may not grant, with what to ask for", () => {
    expect(first.findings.filter((finding) => !finding.holds)).toEqual([
      {
        role: "clinic_monitoring",
        claim: "sees the statistics of all sessions",
        holds: false,
        remedy: expect.stringContaining("GRANT pg_monitor TO clinic_monitoring"),
      },
    ]);
  });

  test("the roles work: the owner makes a table, the application fills it, the backup reads it", async () => {
    await queryAs("owner", passwords.owner, "CREATE TABLE IF NOT EXISTS visit (a int)");
    await queryAs("application", passwords.application, "INSERT INTO visit VALUES (1)");
    expect(await queryAs("backup", passwords.backup, "SELECT DISTINCT a FROM visit")).toEqual([{ a: 1 }]);
  });

  test("the administrator does not keep the owner's rights", async () => {
    expect(await asSuperuser("SELECT pg_has_role('administrator', 'clinic_owner', 'USAGE') OR pg_has_role('administrator', 'clinic_owner', 'SET')")).toBe("f");
  });

  test("a second run repairs nothing and creates nothing", async () => {
    const again = await createDatabaseRoles(administrator, clinic, passwords);
    expect(again).toEqual({ ...first, databaseCreated: false });
  });

  test("another password is a rotation: the new one works and the old one does not", async () => {
    const rotated = { ...passwords, application: "the-applications-next-password" };
    await createDatabaseRoles(administrator, clinic, rotated);
    expect(await queryAs("application", rotated.application, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await expect(queryAs("application", passwords.application, "SELECT 1")).rejects.toThrow("password authentication failed");
    await createDatabaseRoles(administrator, clinic, passwords);
  });

  test("where the administrator may grant monitoring, it does", async () => {
    await asSuperuser("GRANT pg_monitor TO administrator WITH ADMIN OPTION");
    const { findings } = await createDatabaseRoles(administrator, clinic, passwords);
    expect(findings.filter((finding) => !finding.holds)).toEqual([]);
  });

  test("a table with row-level security that the backup could not dump is reported", async () => {
    await queryAs("owner", passwords.owner, "CREATE TABLE hidden (a int); ALTER TABLE hidden ENABLE ROW LEVEL SECURITY");
    const { findings } = await createDatabaseRoles(administrator, clinic, passwords);
    await queryAs("owner", passwords.owner, "DROP TABLE hidden");
    expect(findings.filter((finding) => !finding.holds).map((finding) => `${finding.role} ${finding.claim}`)).toEqual([
      "clinic_backup reads all rows of every table, also where row-level security hides some",
    ]);
  });

  test("a wrong administrator's password is the server's own error and leaves nothing behind", async () => {
    const refused = createDatabaseRoles({ ...administrator, password: "wrong" }, databaseName("nowhere"), passwords);
    await expect(refused).rejects.toThrow(DatabaseError);
    expect(await asSuperuser("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'nowhere%'")).toBe("0");
  });

  describe("over TLS", () => {
    let certificate: string;

    beforeAll(async () => {
      certificate = (await serveTls(server.host)).certificate;
    });

    /** Gives the server a certificate for an address, signed by itself. */
    async function serveTls(address: string): Promise<{ readonly certificate: string }> {
      const directory = await mkdtemp(join(tmpdir(), "jlam-tls-"));
      const [key, pem] = [join(directory, "key"), join(directory, "pem")];
      await run("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1", "-subj", "/CN=database", "-addext", `subjectAltName=IP:${address}`, "-keyout", key, "-out", pem]);
      const texts = [await readFile(key, "utf8"), await readFile(pem, "utf8")] as const;
      await rm(directory, { recursive: true });
      const written = await server.exec(["sh", "-c", 'umask 077 && printf %s "$0" > "$PGDATA/server.key" && printf %s "$1" > "$PGDATA/server.crt"', ...texts]);
      expect(written).toEqual({ exitCode: 0, output: "" });
      await asSuperuser("ALTER SYSTEM SET ssl = on");
      await asSuperuser("SELECT pg_reload_conf()");
      return { certificate: texts[1] };
    }

    const createWith = (certificateAuthority: string): Promise<CreatedRoles> =>
      createDatabaseRoles({ ...administrator, tls: { kind: "verify-full", certificateAuthority } }, clinic, passwords);

    test("a server with a certificate of the given authority, for its own address, is accepted", async () => {
      expect((await createWith(certificate)).databaseCreated).toBe(false);
    });

    test("a server with a certificate of another authority is refused", async () => {
      const stranger = await issueAuthority("jlam.localhost", new Date());
      await expect(createWith(stranger.certificate)).rejects.toThrow("self-signed certificate");
    });

    test("a server with a certificate for another address is refused", async () => {
      const other = await serveTls("192.0.2.1");
      await expect(createWith(other.certificate)).rejects.toThrow("does not match certificate's altnames");
    });
  });

  test("no password is in the server's log, although it logs every statement", async () => {
    const log = await server.logs();
    expect(log).toContain("LOG:  statement: DO $role$");
    for (const kind of roleKinds) expect(log.includes(passwords[kind]), `the password of ${kind}`).toBe(false);
  });
});

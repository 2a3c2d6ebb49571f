/** Planted persons in the application's own schema: nobody of them leaves. */
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AnonymisationRules } from "@jlam/backup/plan-file";
import { notBackedUp, postgres } from "@jlam/compose-dsl";
import { postgresContainer } from "@jlam/postgres";
import { recovery } from "@jlam/web/recovery";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { imageOnThisMachine, startProvided, type RunningService } from "../databases/provided-service.ts";
import { rolesOnce } from "../recovery/database.ts";
import { listContainers } from "../runtime/containers.ts";
import { anonymousCopy } from "./copy.ts";

const database = postgresContainer(postgres("app", { owner: "platform", holds: "medical-data", backup: notBackedUp("a test") }), { memory: "256M", cpus: 1 });
const node = database.services[0];
const image = node === undefined ? undefined : await imageOnThisMachine(node);
const project = `jlam-persons${process.pid}`;

/** Who must not be found again: a member by both ids, an address, and a number that passes the eleven-test. */
const planted = { id: "0f8fad5b-d9cb-469f-a165-70867728950e", subject: "7c9e6679-7425-40de-944b-e07fc1f90ae7", mail: "truus.jansen@ziggo.nl", bsn: "111222333" };

describe.skipIf(image === undefined)(`an anonymised copy (${image ?? "no image of postgres on this machine"})`, { timeout: 240_000 }, () => {
  let server: RunningService;
  let id: string;
  const directories: string[] = [];

  const sql = async (statements: string): Promise<void> => {
    const { exitCode, output } = await server.exec(["psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--username=postgres", "--dbname=app", `--command=${statements}`]);
    if (exitCode !== 0) throw new Error(output);
  };
  const copy = (rules: AnonymisationRules = recovery.anonymised) =>
    anonymousCopy({
      image: image ?? "", id: "postgres-app", name: "app", rules,
      fill: async (isolated) => {
        await isolated.sql("postgres", rolesOnce((await execa("docker", ["exec", id, "pg_dumpall", "--username=postgres", "--roles-only", "--no-role-passwords"])).stdout));
        await isolated.feed("It can't be restored.", { program: "docker", args: ["exec", id, "pg_dump", "--format=custom", "--username=postgres", "app"] }, "", "pg_restore --exit-on-error --dbname=app");
      },
    });
  const isolatedServers = async (): Promise<string> => (await execa("docker", ["ps", "--all", "--quiet", "--filter", "label=nl.jlam.recovery=isolated"])).stdout;

  beforeAll(async () => {
    if (image === undefined) return;
    server = await startProvided(database, image, { "com.docker.compose.project": project, "com.docker.compose.service": "postgres-app", "com.docker.compose.oneoff": "False" });
    id = (await listContainers(project))[0]?.id ?? "";
    const directory = await mkdtemp(join(tmpdir(), "jlam-persons-"));
    directories.push(directory);
    const passwordFile = join(directory, "password");
    await writeFile(passwordFile, server.secrets.find(({ name }) => name === "OWNER_VERIFIER")?.sources["password"] ?? "");
    await chmod(passwordFile, 0o400);
    await execa(process.execPath, [new URL("../../../../apps/web/src/migrate.ts", import.meta.url).pathname], {
      env: { DATABASE_HOST: server.host, DATABASE_PORT: "5432", DATABASE_NAME: "app", DATABASE_USER: "app_owner", DATABASE_PASSWORD_FILE: passwordFile, DATABASE_TLS: "off", LOG_LEVEL: "info", ENVIRONMENT: "test" },
    });
    await sql(`
      INSERT INTO member (id, subject) VALUES ('${planted.id}', '${planted.subject}'), (gen_random_uuid(), repeat('ab', 32));
      INSERT INTO diary_entry (member_id, day, weight, mood) SELECT id, date '2026-11-01' + n, 93.7, 2 FROM member, generate_series(0, 4) n;
      INSERT INTO consent (member_id, purpose, version, decision) SELECT id, 'diary', 1, 'given' FROM member;
      INSERT INTO erasure_request (member_id, due_at, provider_names) VALUES ('${planted.id}', now() + interval '30 days', '{truus,${planted.mail}}');
      INSERT INTO erased_person VALUES (repeat('0a', 32), repeat('0b', 32));
      INSERT INTO access_record (actor, actor_role, person, data, action, reason, result) VALUES (repeat('cd', 32), 'member', repeat('cd', 32), 'diary', 'read', 'own', 'done');
      INSERT INTO site_message (kind, message, ends_at) VALUES ('notice', 'Bel Truus (BSN ${planted.bsn}, 1112.22.333) of mail ${planted.mail}.', now() + interval '1 day');`);
  }, 240_000);
  afterAll(async () => {
    await server.stop();
    for (const directory of directories) await rm(directory, { recursive: true });
  });

  test("holds as many members and diaries, which belong together, and nobody of the source", async () => {
    const { server: isolated, tables } = await copy();
    try {
      expect(tables).toBeGreaterThan(7);
      expect(await isolated.sql("app", "SELECT count(DISTINCT m.id), count(*) FROM member m JOIN diary_entry d ON d.member_id = m.id")).toBe("2|10");
      expect(await isolated.sql("app", "SELECT count(*) FROM consent c JOIN member m ON m.id = c.member_id")).toBe("2");
      const { stdout: dump } = await execa("docker", ["exec", isolated.id, "pg_dump", "--data-only", "--dbname=app"]);
      for (const value of [...Object.values(planted), "truus,", "ab".repeat(32), "cd".repeat(32), "0a".repeat(32), "93.7"]) expect(dump, value).not.toContain(value);
      expect(await isolated.sql("app", "SELECT message FROM site_message")).toBe("Bel Truus (BSN #, #) of mail iemand@example.org.");
      expect(await isolated.sql("app", "SELECT max(day) < date '2026-11-05' FROM diary_entry")).toBe("t");
    } finally {
      await isolated.close();
    }
  });

  test("is made where nobody reaches it, and no two copies share a pseudonym", async () => {
    const [one, other] = [await copy(), await copy()];
    try {
      const members = "SELECT string_agg(subject, ',') FROM member";
      expect(await one.server.sql("app", members)).not.toBe(await other.server.sql("app", members));
      expect((await execa("docker", ["inspect", "--format", "{{.HostConfig.NetworkMode}}", one.server.id])).stdout).toBe("none");
    } finally {
      await one.server.close();
      await other.server.close();
    }
  });

  test("isn't made while a column has no rule", async () => {
    const { site_message: _, ...others } = recovery.anonymised;
    const before = await isolatedServers();
    await expect(copy(others)).rejects.toThrow(/site_message\.id has no rule; .*site_message\.message has no rule/);
    expect(await isolatedServers()).toBe(before);
  });

  test("doesn't leave while free text that somebody called harmless holds a mail address or a BSN", async () => {
    const columns = Object.fromEntries(["id", "kind", "message", "starts_at", "ends_at"].map((column) => [column, { kind: "keep", because: "a test" } as const]));
    const careless = { ...recovery.anonymised, site_message: { columns } };
    const before = await isolatedServers();
    await expect(copy(careless)).rejects.toMatchObject({ why: "site_message.message: a mail address in 1 row\nsite_message.message: a BSN in 1 row" });
    expect(await isolatedServers()).toBe(before);
  });

  test("doesn't leave while a token lies in it, whatever the rules say; once emptied, it does", async () => {
    await sql("CREATE TABLE api_token (value text, of_whom uuid); INSERT INTO api_token VALUES ('letmein', gen_random_uuid())");
    try {
      const columns = { value: { kind: "keep", because: "a test" }, of_whom: { kind: "pseudonym" } } as const;
      await expect(copy({ ...recovery.anonymised, api_token: { columns } })).rejects.toMatchObject({ why: expect.stringContaining("api_token.value: something that lets somebody in, in 1 row") });
      const { server: isolated } = await copy({ ...recovery.anonymised, api_token: { emptied: "they let somebody in" } });
      await isolated.close();
    } finally {
      await sql("DROP TABLE api_token");
    }
  });
});

/** What was lost comes back, and who left doesn't: a set is restored over the running environment, and on an empty machine. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { z } from "zod";
import { cannotHost, forward, startEmptyMachine, type EmptyMachine } from "../../tools/jlam/src/recovery/empty-machine.fixture.ts";
import { drillReport } from "../../tools/jlam/src/recovery/drill.ts";
import { repositoryRoot } from "../../tools/jlam/src/synth/platform.ts";
import { sql } from "./stack/databases.ts";
import { ci, containerId } from "./stack/environment.ts";
import { ask } from "./stack/https.ts";
import { until } from "./stack/until.ts";

/** Somebody who will ask to be erased after the set was made, and somebody who stays. */
const leaver = "11111111-1111-4111-8111-111111111111";
const stayer = "22222222-2222-4222-8222-222222222222";

/** A restore stops and starts everything once; on two busy processors that is minutes. */
const restoreLimit = 300_000;
/** What the platform promises: an empty machine is the whole platform again within ten minutes. */
const drillLimit = 600_000;

const jlam = async (...args: readonly string[]): Promise<string> => (await execa(join(repositoryRoot, "jlam"), args, { cwd: repositoryRoot })).stdout;
const people = (): Promise<string> => sql("select coalesce(string_agg(id::text, ' ' order by id), '') from member where subject like '%2222-2222%' or subject like '%1111-1111%'");
const diaries = (where = sql): Promise<string> => where(`select count(*) || ' ' || md5(string_agg(diary_entry::text, ' ' order by day)) from diary_entry where member_id = '${stayer}'`);

const full = process.env["JLAM_FULL"] === "1";
// What is skipped in something that is skipped, Vitest counts as neither passed nor skipped.
const why = full ? await cannotHost() : undefined;

describe.skipIf(!full)("recovery of ci (runs with --full, since it stops and starts everything several times)", () => {
  let set: string;
  let diary: string;

  beforeAll(async () => {
    await sql(`
      insert into member (id, subject) values ('${leaver}', '${leaver}'), ('${stayer}', '${stayer}');
      insert into diary_entry (member_id, day, weight, mood) select id, date '2026-01-01' + i, 70 + i / 10.0, 1 + i % 5 from member, generate_series(1, 200) i where id in ('${leaver}', '${stayer}');`);
    diary = await diaries();
    await jlam("backup", "run", "--environment", ci.name);
    set = (await sets())[0]?.id ?? "";
    // The application erases them itself, as it does with everybody whose time has come; the first time after its start.
    await sql(`insert into erasure_request (member_id, requested_at, due_at) values ('${leaver}', now() - interval '2 hours', now() - interval '1 hour')`);
    await execa("docker", ["restart", await containerId("web")]);
    await until(people, (answer) => answer === stayer, 60_000);
    await until(() => lists(), (count) => count > 0, 120_000);
  }, restoreLimit);

  afterAll(async () => {
    await sql(`delete from member where id in ('${leaver}', '${stayer}')`);
  });

  const listed = z.object({ sets: z.array(z.object({ id: z.string(), verifiedAt: z.string().nullish() })), changes: z.array(z.object({ database: z.string(), until: z.string() })) });
  const list = async () => listed.parse(JSON.parse(await jlam("backup", "list", "--environment", ci.name, "--json")));
  const sets = async () => (await list()).sets;
  const archivedUntil = async (): Promise<string> => (await list()).changes.map(({ until: last }) => last).sort().at(-1) ?? "";

  /** How a command ends that can't be done, and what it says. */
  async function mistake(...said: readonly string[]): Promise<readonly [number | undefined, string]> {
    const { exitCode, all } = await execa(join(repositoryRoot, "jlam"), [...said, "--environment", ci.name], { cwd: repositoryRoot, reject: false, all: true, stdin: "ignore" });
    return [exitCode, all];
  }

  /** How many lists of erased people the store holds, which the engine adds to within a minute. */
  async function lists(): Promise<number> {
    const key = await execa("docker", ["exec", await containerId("backup"), "cat", "/keys/operations.key"]);
    const { stdout } = await execa("docker", ["exec", "--interactive", await containerId("backup"), "node", "/app/backup.js", "erasures", "--of", "postgres-app", "--key", "-"], { input: `${key.stdout}\n` });
    return stdout.split("\n").filter((line) => line !== "").length;
  }

  test("a set is proven by a real restore", { timeout: restoreLimit }, async () => {
    await jlam("backup", "verify", set, "--restored", "--environment", ci.name);
    expect(await sets()).toContainEqual(expect.objectContaining({ id: set, verifiedAt: expect.any(String) }));
  });

  test("a restore over the running environment brings back what was lost, and nobody who was erased", { timeout: restoreLimit }, async () => {
    await sql(`delete from diary_entry where member_id = '${stayer}'`);
    await jlam("restore", set, "--environment", ci.name, "--database", "app", "--yes");
    expect(await diaries()).toBe(diary);
    expect(await people()).toBe(stayer);
    expect(await sql("select count(*) from pg_database where datname like 'app%'")).toBe("1");
    expect([(await ask("/ready")).status, (await ask("/")).status]).toEqual([200, 200]);
  });

  test("before it, a set was made of what it replaced", { timeout: restoreLimit }, async () => {
    const [newest] = await sets();
    expect(newest?.id).not.toBe(set);
    const shown = z.object({ manifest: z.object({ databases: z.array(z.object({ id: z.string(), content: z.object({ tables: z.array(z.object({ name: z.string(), rows: z.string() })) }) })) }) });
    const rowsOf = async (id: string) => shown.parse(JSON.parse(await jlam("backup", "show", id, "--environment", ci.name, "--json"))).manifest.databases.find(({ id: of }) => of === "postgres-app")?.content.tables.find(({ name }) => name === "public.diary_entry")?.rows;
    // The set that was restored had 200 days of two people; then one was erased and the other's days were deleted.
    expect(Number(await rowsOf(set)) - Number(await rowsOf(newest?.id ?? ""))).toBe(400);
  });

  test("a restore that nobody agrees to changes nothing", { timeout: restoreLimit }, async () => {
    await sql(`update diary_entry set mood = 1 where member_id = '${stayer}'`);
    const changed = await diaries();
    const { exitCode, stderr } = await execa(join(repositoryRoot, "jlam"), ["restore", set, "--environment", ci.name], { cwd: repositoryRoot, reject: false });
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/postgres-app: everything that was written since .*Nothing was restored/s)]);
    expect(await diaries()).toBe(changed);
  });

  test("a key that isn't one of the two is refused before anything stops", { timeout: restoreLimit }, async () => {
    const stranger = await execa("docker", ["exec", await containerId("backup"), "cat", "/keys/signing.key"]);
    const key = join(await mkdtemp(join(tmpdir(), "jlam-recovery-")), "stranger.key");
    await writeFile(key, `${stranger.stdout}\n`, { mode: 0o600 });
    const { exitCode, stderr } = await execa(join(repositoryRoot, "jlam"), ["restore", set, "--environment", ci.name, "--yes", "--no-set-first", "--key", key], { cwd: repositoryRoot, reject: false });
    await rm(dirname(key), { recursive: true });
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/No secret key|decryption failed/)]);
    expect((await ask("/ready")).status).toBe(200);
  });

  test("a restore that fails leaves the database as it was, and lets visitors in again", { timeout: restoreLimit }, async () => {
    const changed = await diaries();
    // PostgreSQL drops no template: the place beside the database is taken.
    await sql("create database app_restoring is_template true");
    const { exitCode, stderr } = await execa(join(repositoryRoot, "jlam"), ["restore", set, "--environment", ci.name, "--database", "app", "--yes", "--no-set-first"], { cwd: repositoryRoot, reject: false });
    await sql("alter database app_restoring is_template false");
    await sql("drop database app_restoring");
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("cannot drop a template database")]);
    expect(await diaries()).toBe(changed);
    const { answer } = await until(async () => (await ask("/ready")).status, (status) => status === 200, 60_000);
    expect(answer).toBe(200);
  });

  test("going back to an instant brings the very transaction, after a set of what is lost by it", { timeout: 2 * restoreLimit }, async () => {
    const before = await diaries();
    const then = await sql(`select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`);
    // A millisecond is as fine as an instant is said.
    await sql(`select pg_sleep(0.01); delete from diary_entry where member_id = '${stayer}' and mood = 1; select pg_switch_wal()`);
    await until(archivedUntil, (last) => last >= then, 180_000);

    const rehearsed = await jlam("restore", "--to", then, "--rehearse", "--environment", ci.name);
    expect(rehearsed).toContain("Nothing was replaced");
    expect(await diaries()).not.toBe(before);

    const [newest] = await sets();
    await jlam("restore", "--to", then, "--environment", ci.name, "--database", "app", "--yes");
    expect(await diaries()).toBe(before);
    expect((await sets())[0]?.id).not.toBe(newest?.id);
    expect(await sql("select string_agg(extname, ' ') from pg_extension")).toBe("plpgsql");
    expect([(await ask("/ready")).status, (await ask("/")).status]).toEqual([200, 200]);
  });

  test("a copy without people is a file that a database can be made of, and nobody is in it", { timeout: restoreLimit }, async () => {
    const folder = await mkdtemp(join(tmpdir(), "jlam-copy-"));
    const file = join(folder, "app.dump");
    await jlam("restore", set, "--environment", ci.name, "--anonymised", "--dump", file, "--yes");
    await sql("create database copy");
    try {
      await execa("docker", ["exec", "--interactive", await containerId("postgres-app"), "pg_restore", "--username=postgres", "--no-owner", "--no-acl", "--exit-on-error", "--dbname=copy"], { inputFile: file });
      const { stdout: copy } = await execa("docker", ["exec", await containerId("postgres-app"), "pg_dump", "--username=postgres", "--data-only", "--dbname=copy"]);
      // Both people of the set, whoever else was in it, and nobody by their ids.
      expect(copy).toContain("COPY public.diary_entry");
      expect(copy.match(/^[0-9a-f-]{36}\t20\d\d-/gm)?.length ?? 0).toBeGreaterThanOrEqual(400);
      for (const id of [leaver, stayer]) expect(copy).not.toContain(id);
    } finally {
      await sql("drop database copy");
    }
    expect(await mistake("restore", set, "--anonymised", "--dump", file)).toEqual([2, expect.stringContaining("a copy replaces no file")]);
    await rm(folder, { recursive: true });
  });

  test.each([
    { said: "backup show nonsense", exitCode: 1, words: /There is no set "nonsense"\..*`jlam backup list`/s },
    { said: "backup verify --restored --key /nonexistent", exitCode: 1, words: /The key can't be read\..*\/nonexistent/s },
    { said: "backup verify --restored --key /etc/hostname", exitCode: 1, words: /The private key can't be used: .*Give the private half/s },
    { said: "restore 2026-01-01T00-00-00-000Z", exitCode: 1, words: /There is no set "2026-01-01T00-00-00-000Z"\.\n {2}`jlam backup list`/ },
    { said: "restore --database nope", exitCode: 2, words: /The database "nope" can't be restored: it is not in the plan of ci\.\n {2}There are: app, auth/ },
    { said: "restore --volume nope", exitCode: 2, words: /The volume "nope" can't be restored.*ci saves no volume/s },
    { said: "restore --to 2026-01-01T00:00:00", exitCode: 1, words: /doesn't reach back to 2026-01-01 00:00:00 in Amsterdam.*It begins at 20/s },
    { said: "restore --to 2999-01-01T00:00:00", exitCode: 2, words: /2999-01-01 00:00:00 in Amsterdam .* hasn't come yet/ },
    { said: "restore --to 2026-01-01T00:00:00 --database auth", exitCode: 2, words: /The database "auth" can't be brought back as at an instant/ },
    { said: "restore --anonymised --into staging", exitCode: 1, words: /staging isn't on this machine/ },
    { said: "restore --anonymised --into nope", exitCode: 2, words: /There is no environment "nope"/ },
    { said: "restore --anonymised --dump /nonexistent/app.dump", exitCode: 2, words: /The copy can't be written there/ },
    { said: "restore --anonymised --dump /tmp/auth.dump --database auth", exitCode: 2, words: /No copy of the database "auth" leaves\.\n {2}Passwords, sessions, tokens/ },
  ])("jlam $said: a mistake that is told in words", { timeout: 60_000 }, async ({ said, exitCode, words }) => {
    const [ended, text] = await mistake(...said.split(" "));
    expect(text).toMatch(words);
    expect(text).not.toMatch(/Nobody foresaw this|\n {4}at |\{"/);
    expect(ended).toBe(exitCode);
  });

  describe.skipIf(why !== undefined)(`a drill on an empty machine${why === undefined ? "" : ` (${why})`}`, () => {
    let machine: EmptyMachine;
    const closers: (() => Promise<unknown>)[] = [];

    beforeAll(async () => {
      machine = await startEmptyMachine();
      closers.push(() => machine.close());
      const region = async (service: string): Promise<string> => {
        const { stdout } = await execa("docker", ["inspect", await containerId(service), "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}"]);
        const door = await forward(machine.hostAddress, { host: stdout.split(" ")[0] ?? "", port: 8333 });
        closers.push(() => door.close());
        return `http://${machine.hostAddress}:${door.port}`;
      };
      const images = await execa("docker", ["ps", "--all", "--filter", `label=com.docker.compose.project=${inject("project").name}`, "--format", "{{.Image}}"]);
      await execa("docker", ["save", "--output", join(machine.directory, "images.tar"), ...new Set(images.stdout.split("\n"))]);
      await writeFile(join(machine.directory, "kit.yaml"), await jlam("backup", "kit", "--environment", ci.name, "--images", join(machine.directory, "images.tar"), "--store-url", await region("object-store-backups"), "--copy-url", await region("object-store-backups-copy")), { mode: 0o600 });
    }, drillLimit);
    afterAll(async () => {
      for (const close of closers.reverse()) await close();
    }, 120_000);

    const there = async (text: string): Promise<string> => {
      const { stdout } = await machine.run("docker", ["exec", `${inject("project").name}-postgres-app-1`, "psql", "--username=postgres", "--dbname=app", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", `--command=${text}`], 60_000);
      return stdout;
    };

    test("brings everything back from the kit alone within ten minutes, with equal content, and erased people erased", { timeout: drillLimit + 60_000 }, async () => {
      const { directory } = machine;
      const ran = await machine.run(process.execPath, [join(repositoryRoot, "tools/jlam/src/main.ts"), "drill", set, "--kit", join(directory, "kit.yaml"), "--directory", join(directory, "jlam"), "--report", join(directory, "report.json")], drillLimit);
      expect(ran.exitCode, ran.output).toBe(0);
      const report = drillReport(await readFile(join(directory, "report.json"), "utf8"));
      expect(report.recoverySeconds).toBeLessThan(drillLimit / 1000);
      expect(report).toMatchObject({ set, erasedAgain: 1 });
      expect(await diaries(there)).toBe(diary);
      expect(await there("select count(*) from member where id = '" + leaver + "'")).toBe("0");
      expect(await there("select count(*) from erased_person")).toBe("1");
      process.stdout.write(`${report.steps.map(({ step, seconds, found }) => `${seconds.toFixed(1).padStart(7)} s  ${step}: ${found}`).join("\n")}\n${report.recoverySeconds.toFixed(1).padStart(7)} s  in all\n`);
    });

    test("its report is kept beside the sets", { timeout: 60_000 }, async () => {
      expect(await jlam("backup", "keep-report", join(machine.directory, "report.json"), "--environment", ci.name)).toContain("signed and locked");
    });

    test("isn't done where the environment is already", { timeout: 60_000 }, async () => {
      const ran = await machine.run(process.execPath, [join(repositoryRoot, "tools/jlam/src/main.ts"), "drill", "--kit", join(machine.directory, "kit.yaml"), "--directory", join(machine.directory, "again")], 60_000);
      expect([ran.exitCode, ran.output]).toEqual([1, expect.stringContaining("must never overwrite")]);
    });
  });
});

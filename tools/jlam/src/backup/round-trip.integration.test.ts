import { setTimeout as wait } from "node:timers/promises";
import { DeleteObjectCommand, ListObjectVersionsCommand, S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { door, imagesHere, startBench, writePlan, type Bench } from "./engine.fixture.ts";

const images = await imagesHere();

/** Milliseconds for one test, which makes several runs: seconds each, and a minute where many share two processors. */
const limit = 420_000;

describe.skipIf(images === undefined)(`a set is made, kept and proven (${images?.postgres ?? "no images on this machine"})`, { timeout: limit }, () => {
  let bench: Bench;
  let store: S3Client;

  beforeAll(async () => {
    if (images === undefined) return;
    bench = await startBench(images);
    store = new S3Client({ endpoint: `http://${bench.storeHost}:8333`, region: "us-east-1", forcePathStyle: true, credentials: { accessKeyId: "writer", secretAccessKey: bench.storeKey } });
    await bench.sql(`
      SET ROLE app_owner;
      CREATE TABLE public.member (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text, born date, weight double precision, extra jsonb);
      INSERT INTO public.member (email, born, weight, extra) SELECT 'person' || i || '@example.org', date '1950-01-01' + i, i / 7.0, jsonb_build_object('i', i) FROM generate_series(1, 20000) i;
      CREATE MATERIALIZED VIEW public.heavy AS SELECT id FROM public.member WHERE weight > 1000;
      CREATE TABLE public.hidden (id int, note text);
      INSERT INTO public.hidden VALUES (1, 'seen by the backup alone');
      ALTER TABLE public.hidden ENABLE ROW LEVEL SECURITY;`);
  });
  afterAll(async () => {
    store.destroy();
    await bench.close();
  });

  const succeed = async (args: readonly string[], plan = "plan.json") => {
    const ran = await bench.run(args, { environment: { PLAN_FILE: `/bench/${plan}` } });
    expect(ran.exitCode, ran.errors).toBe(0);
    return ran;
  };
  const listed = async () => JSON.parse((await succeed(["list"])).output) as readonly { readonly kind: string; readonly id: string; readonly verifiedAt?: string }[];

  test("nothing is there before the first run, and no set to show", async () => {
    const ran = await bench.run(["show"]);
    expect([ran.exitCode, ran.errors]).toEqual([1, expect.stringMatching(/There is no set|NoSuchBucket|bucket does not exist/)]);
  });

  test("a run ends with a set that is listed, and whose rows are those of one moment", async () => {
    const ran = await succeed(["run"]);
    expect(await listed()).toMatchObject([{ kind: "set" }]);
    expect(ran.lines.at(-1)).toMatchObject({
      manifest: {
        revision: expect.stringMatching(/^[0-9a-f]{40}$/),
        databases: [{ content: { tables: [{ name: "public.heavy" }, { name: "public.hidden", rows: "1" }, { name: "public.member", rows: "20000" }] } }],
        objects: [{ kind: "roles" }, { kind: "database" }, { kind: "volume" }, { kind: "repository" }, { kind: "machine" }],
      },
    });
  });

  test.each(["escrow", "operations"] as const)("the %s key alone restores it to equal content, whatever has become of its source", async (key) => {
    await bench.sql("DELETE FROM public.member WHERE id <= 10");
    expect((await succeed(["verify", ...bench.restoring(key)])).lines).toMatchObject([{ verified: "restored" }]);
  });

  test("a set that was restored is listed as verified", async () => {
    expect(await listed()).toMatchObject([{ verifiedAt: expect.any(String) }]);
  });

  test("not even who wrote a set can delete it", async () => {
    const { Versions = [] } = await store.send(new ListObjectVersionsCommand({ Bucket: "backups" }));
    expect(Versions.length).toBeGreaterThanOrEqual(5);
    for (const { Key, VersionId } of Versions) {
      const refusal = await store.send(new DeleteObjectCommand({ Bucket: "backups", Key, VersionId })).then(() => "deleted", (error: unknown) => (error instanceof S3ServiceException ? error.name : String(error)));
      expect(refusal, Key).toBe("AccessDenied");
    }
  });

  test("while it runs, no secret is in an argument or variable, and nothing of the database on disk", async () => {
    const held = door();
    const reached = door();
    bench.store.misbehave(({ operation, path }) => (operation === "UploadPart" && path.includes(".dump.") ? (reached.open(), { kind: "hold", until: held.opened }) : undefined));
    const run = bench.run(["run"], { name: "jlam-test-backup-watched" });
    await Promise.race([reached.opened, run]);
    const inside = (script: string) => execa("docker", ["exec", "jlam-test-backup-watched", "sh", "-c", script]);
    const processes = (await inside("cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ | tr '\\0' '\\n'")).stdout;
    const files = (await inside("find /tmp -type f -exec cat {} +")).stdout;
    held.open();
    bench.store.misbehave(() => undefined);
    expect((await run).exitCode).toBe(0);
    const password = bench.server.secrets.find(({ name }) => name === "BACKUP_VERIFIER")?.sources["password"] ?? "-";
    expect(processes).toContain("/bench/app/backup.js");
    for (const secret of [password, bench.storeKey]) expect(processes.includes(secret)).toBe(false);
    // That the password's file is there shows that files are found at all.
    expect(files).toContain(password);
    expect(files).not.toMatch(/@example\.org|INSERT|PGDMP/);
  });

  test("prune removes what is over, and never the newest verified set", async () => {
    await writePlan(bench.directory, "short.json", { keepSeconds: 60 });
    await succeed(["run"], "short.json");
    const lockIsOver = Date.now() + 60_000;
    await succeed(["verify", ...bench.restoring("escrow")]);
    const [over] = await listed();
    await succeed(["run"], "short.json");
    const unverified = await succeed(["prune"], "short.json");
    expect(unverified.lines).toMatchObject([{ removed: [], because: expect.stringContaining("isn't verified") }]);
    await succeed(["verify", ...bench.restoring("escrow")]);
    await wait(Math.max(0, lockIsOver - Date.now()));
    const pruned = await succeed(["prune"], "short.json");
    expect(pruned.lines).toMatchObject([{ removed: [over?.id], refused: [] }]);
    const { Versions = [] } = await store.send(new ListObjectVersionsCommand({ Bucket: "backups" }));
    expect(Versions.filter(({ Key }) => Key?.includes(over?.id ?? "-"))).toEqual([]);
    const again = await succeed(["prune"], "short.json");
    expect(again.lines).toMatchObject([{ removed: [] }]);
    expect((await listed())[0]?.verifiedAt).toEqual(expect.any(String));
  });
});

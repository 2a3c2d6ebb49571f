import { setTimeout as wait } from "node:timers/promises";
import { DeleteObjectCommand, GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, ListObjectVersionsCommand, S3ServiceException } from "@aws-sdk/client-s3";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { door, imagesHere, startBench, writePlan, type Bench, type Ran } from "./engine.fixture.ts";
import { slowDown } from "./faulty-store.fixture.ts";

const images = await imagesHere();

/** Milliseconds for one test, which makes several runs: seconds each, and a minute where many share two processors. */
const limit = 420_000;

/** The code of S3's refusal, or "none". */
const refusal = (work: Promise<unknown>): Promise<string> => work.then(() => "none", (error: unknown) => (error instanceof S3ServiceException ? error.name : String(error)));

const pruned = z.array(z.object({ region: z.enum(["first", "second"]), removed: z.array(z.string()), because: z.string().optional(), refused: z.array(z.unknown()) }));
const regions = ({ output }: Ran): z.infer<typeof pruned> => pruned.parse(JSON.parse(output));

/** Milliseconds since 1970 of a set's name. */
const timeOf = (id: string): number => Date.parse(id.replace(/T(\d\d)-(\d\d)-(\d\d)-(\d{3})Z/, "T$1:$2:$3.$4Z"));

describe.skipIf(images === undefined)(`a set is made, kept and proven (${images?.postgres ?? "no images on this machine"})`, { timeout: limit }, () => {
  let bench: Bench;

  beforeAll(async () => {
    if (images === undefined) return;
    bench = await startBench(images);
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
    await bench.close();
  });

  const succeed = async (args: readonly string[], plan = "plan.json") => {
    const ran = await bench.run(args, { environment: { PLAN_FILE: `/bench/${plan}` } });
    expect(ran.exitCode, ran.errors).toBe(0);
    return ran;
  };
  const listed = async (more: readonly string[] = []) => JSON.parse((await succeed(["list", ...more])).output) as readonly { readonly kind: string; readonly id: string; readonly verifiedAt?: string }[];

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

  test.each(["writer", "pruner"] as const)("not even the %s can delete a set while it is locked", async (user) => {
    const client = bench.client("first", user);
    const { Versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket: "backups" }));
    expect(Versions.length).toBeGreaterThanOrEqual(5);
    for (const { Key, VersionId } of Versions) {
      expect(await refusal(client.send(new DeleteObjectCommand({ Bucket: "backups", Key, VersionId }))), Key).toBe("AccessDenied");
    }
    client.destroy();
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

  test("the second region gets what was read back from the first, under its own lock, and the marker with it", async () => {
    await writePlan(bench.directory, "copied.json", { copy: { keepSeconds: 7200 } });
    const [newest] = await listed();
    const ran = await succeed(["copy"], "copied.json");
    expect(ran.lines.filter(({ step }) => step === "copied").map(({ id }) => id)).toContain(newest?.id);
    expect(await listed(["--from-copy"])).toEqual(await listed());
    await succeed(["verify", newest?.id ?? "", "--from-copy"], "copied.json");
    const client = bench.client("second", "reader");
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: "backups-copy", Prefix: `sets/${newest?.id}/` }));
    const held = await client.send(new HeadObjectCommand({ Bucket: "backups-copy", Key: Contents[0]?.Key }));
    client.destroy();
    // Stores keep whole seconds.
    expect([held.ObjectLockMode, (held.ObjectLockRetainUntilDate?.getTime() ?? 0) / 1000]).toEqual(["COMPLIANCE", Math.floor((timeOf(newest?.id ?? "") + 7_200_000) / 1000)]);
    expect((await succeed(["copy"], "copied.json")).lines.map(({ step }) => step)).toEqual(["told"]);
  });

  test("what the first region holds damaged never becomes a copy, and the second heals as soon as it answers", async () => {
    await succeed(["run"]);
    const [newest] = await listed();
    const copyOf = async () => (await listed(["--from-copy"])).some(({ id }) => id === newest?.id);
    bench.store.misbehave(({ operation, path }) => (operation === "GetObject" && path.includes(".dump.") ? { kind: "flip", at: 40 } : undefined));
    const damaged = await bench.run(["copy"], { environment: { PLAN_FILE: "/bench/copied.json" } });
    expect(bench.store.bites()).toBeGreaterThan(0);
    bench.store.misbehave(() => undefined);
    expect([damaged.exitCode, damaged.errors, await copyOf()]).toEqual([1, expect.stringContaining("isn't what was sent"), false]);
    bench.copyStore.misbehave(({ operation }) => (operation === "UploadPart" ? slowDown : undefined));
    const away = await bench.run(["copy"], { environment: { PLAN_FILE: "/bench/copied.json" } });
    expect(bench.copyStore.bites()).toBeGreaterThan(0);
    bench.copyStore.misbehave(() => undefined);
    expect([away.exitCode, await copyOf()]).toEqual([1, false]);
    await succeed(["copy"], "copied.json");
    expect(await copyOf()).toBe(true);
  });

  test("the pruner removes what is over, and never the newest verified set, nor anything that the second region lacks", async () => {
    await writePlan(bench.directory, "short.json", { keepSeconds: 60, copy: { keepSeconds: 60 } });
    await succeed(["run"], "short.json");
    const lockIsOver = Date.now() + 60_000;
    await succeed(["verify", ...bench.restoring("escrow")]);
    const [over] = await listed();
    await succeed(["run"], "short.json");
    const [unverified] = regions(await bench.prune("short.json"));
    expect(unverified).toMatchObject({ removed: [], because: expect.stringContaining("isn't verified") });
    await succeed(["verify", ...bench.restoring("escrow")]);
    await wait(Math.max(0, lockIsOver - Date.now()));
    expect(regions(await bench.prune("short.json"))[0]).toMatchObject({ removed: [], because: expect.stringContaining("second region doesn't hold") });
    // By a plan of longer locks, since a copy that would be over at once isn't made.
    await succeed(["copy"], "copied.json");
    expect(regions(await bench.prune("short.json"))[0]).toMatchObject({ region: "first", removed: expect.arrayContaining([over?.id]) });
    const reader = bench.client("first", "reader");
    const { Contents = [] } = await reader.send(new ListObjectsV2Command({ Bucket: "backups" }));
    reader.destroy();
    expect(Contents.filter(({ Key }) => Key?.includes(over?.id ?? "-"))).toEqual([]);
    expect(regions(await bench.prune("short.json"))[0]).toMatchObject({ removed: [] });
    expect((await listed())[0]?.verifiedAt).toEqual(expect.any(String));
  });

  test("the pruner can read no set, no manifest and no list of erased people", async () => {
    const pruner = bench.client("first", "pruner");
    const { Contents = [] } = await pruner.send(new ListObjectsV2Command({ Bucket: "backups" }));
    const readable: string[] = [];
    for (const { Key = "" } of Contents) if ((await refusal(pruner.send(new GetObjectCommand({ Bucket: "backups", Key })))) === "none") readable.push(Key);
    pruner.destroy();
    expect(Contents.length).toBeGreaterThan(readable.length);
    expect(readable.filter((key) => !key.startsWith("verified/"))).toEqual([]);
    expect(readable).not.toEqual([]);
  });

  test("who makes sets can delete none, even when their lock is over", async () => {
    const writer = bench.client("first", "writer");
    const { Versions = [] } = await writer.send(new ListObjectVersionsCommand({ Bucket: "backups", Prefix: "manifests/" }));
    const [version] = Versions;
    expect(await refusal(writer.send(new DeleteObjectCommand({ Bucket: "backups", Key: version?.Key, VersionId: version?.VersionId })))).toBe("AccessDenied");
    writer.destroy();
  });
});

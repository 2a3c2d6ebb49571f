/** Back to an instant, to the transaction: on a real PostgreSQL whose changes a real archive keeps. */
import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { imagesHere, startArchiveBench, type ArchiveBench } from "./archive.fixture.ts";
import type { InstantPath } from "./archive.ts";
import type { IsolatedServer } from "./isolated-server.ts";
import { checkPages, recoverTo } from "./recover.ts";
import { replaceDatabase } from "./replace.ts";

// Three minutes by itself, of the hour that a whole run has.
const images = process.env["JLAM_FULL"] === "1" ? await imagesHere() : undefined;

/** Milliseconds for one test: seconds each, and minutes where many share two processors. */
const limit = 420_000;

describe.skipIf(images === undefined)(`recovery to an instant (${images?.postgres ?? "runs with --full, on the images of this machine"})`, { timeout: limit }, () => {
  let bench: ArchiveBench;
  /** After the first row and before the second; after a base of the changes and before the third row. */
  let afterFirst: Date;
  let afterSecond: Date;

  const insert = (value: string) => bench.sql(`INSERT INTO public.diary (said) VALUES ('${value}')`);
  const saidAt = async (instant: Date): Promise<readonly string[]> => {
    const { server } = await serverAt(instant);
    try {
      return (await server.sql("app", "SELECT said FROM public.diary ORDER BY id")).split("\n");
    } finally {
      await server.close();
    }
  };
  const serverAt = async (instant: Date): Promise<{ readonly server: IsolatedServer; readonly path: InstantPath }> => {
    const path = await bench.archive.path("postgres-app", instant);
    return { path, server: await recoverTo({ archive: bench.archive, path, instant, image: bench.images.postgres }) };
  };

  beforeAll(async () => {
    if (images === undefined) return;
    bench = await startArchiveBench(images);
    await bench.sql("SET ROLE app_owner; CREATE TABLE public.diary (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, said text NOT NULL)");
    await bench.bases(1);
    await insert("first");
    afterFirst = await bench.now();
    await insert("second");
    await bench.archived(afterFirst);
    // A base of the changes is due every six hours: this one is said to be as old.
    await bench.inArchive(`cd /received/postgres-app/*/bases && sed -i 's/"startedAt":"[^"]*"/"startedAt":"2020-01-01T00:00:00.000Z"/' last.json`);
    await bench.bases(2);
    afterSecond = await bench.now();
    await insert("third");
    await bench.archived(afterSecond);
  }, 2 * limit);
  afterAll(() => bench.close());

  const keys = async (part: string): Promise<readonly string[]> =>
    ((await bench.store.send(new ListObjectsV2Command({ Bucket: "backups", Prefix: "point-in-time/" }))).Contents ?? []).flatMap(({ Key = "" }) => (Key.includes(part) ? [Key] : []));

  test("brings back what was committed before the instant, and nothing that was committed after it", async () => {
    expect(await saidAt(afterFirst)).toEqual(["first"]);
  });

  test("goes on from a base that holds only the changes to another", async () => {
    const path = await bench.archive.path("postgres-app", afterSecond);
    expect(path.bases).toHaveLength(2);
    expect(await saidAt(afterSecond)).toEqual(["first", "second"]);
  });

  test("loses nothing when the receiver is killed, nor what was written while it was dead", async () => {
    await insert("before the kill");
    await bench.killArchive();
    await insert("while it was dead");
    await bench.sql("SELECT pg_switch_wal()");
    await insert("in the segment after");
    const then = await bench.now();
    await bench.startArchive();
    await insert("later");
    await bench.archived(then);
    expect(await saidAt(then)).toEqual(["first", "second", "third", "before the kill", "while it was dead", "in the segment after"]);
  });

  test("tells from when to when an instant can be asked for", async () => {
    const [span, ...others] = await bench.archive.spans();
    expect(others).toEqual([]);
    expect(Date.parse(span?.from ?? "")).toBeLessThan(afterFirst.getTime());
    expect(Date.parse(span?.until ?? "")).toBeGreaterThan(afterSecond.getTime());
  });

  test("refuses an instant before the first base and one that isn't archived yet, and says what can be had", async () => {
    await expect(bench.archive.path("postgres-app", new Date("2020-01-01T00:00:00Z"))).rejects.toMatchObject({ message: "The archive of postgres-app doesn't reach back to 2020-01-01 01:00:00 in Amsterdam (00:00:00 UTC).", fix: expect.stringMatching(/^It begins at 20.* UTC\)/) });
    await expect(bench.archive.path("postgres-app", new Date(Date.now() + 3_600_000))).rejects.toMatchObject({ message: expect.stringMatching(/doesn't reach .* yet: segment [0-9A-F]{24}/), fix: expect.stringMatching(/the last instant before it is 20.* UTC\)/) });
  });

  test("replaces the database that runs by the one of the instant, which its application then works with", async () => {
    const { server, path } = await serverAt(afterSecond);
    try {
      await checkPages(server, "postgres-app", "app");
      expect(await replaceDatabase({ project: bench.project, server, id: "postgres-app", name: "app" })).toBeGreaterThan(0);
      await bench.archive.verified(path);
    } finally {
      await server.close();
    }
    expect(await bench.sql("SET ROLE app_application; SELECT string_agg(said, ',' ORDER BY id) FROM public.diary")).toBe("first,second");
    // What its pages are checked with doesn't come along.
    expect(await bench.sql("SELECT string_agg(extname, ',') FROM pg_extension")).toBe("plpgsql");
    expect((await keys("bases/")).filter((key) => key.endsWith(".verified.asc"))).toHaveLength(2);
  });

  test("a login that streams changes reaches no database", async () => {
    const { output, exitCode } = await bench.server.exec(["psql", "--no-psqlrc", "--username=app_replication", "--host=127.0.0.1", "--dbname=app", "--no-password", "--command=SELECT 1"]);
    expect([exitCode, output]).toEqual([2, expect.stringContaining("no pg_hba.conf entry")]);
    expect(await bench.sql("SELECT rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolreplication FROM pg_roles WHERE rolname = 'app_replication'")).toBe("f|f|f|f|t");
  });

  // Last: what they do to the archive can't be undone.
  test("names a segment that was changed in the store, and leaves everything as it is", async () => {
    const { segments } = await bench.archive.path("postgres-app", afterSecond);
    const before = await bench.sql("SELECT count(*) FROM public.diary");
    const damaged = (await keys(`wal/${segments.at(-1) ?? ""}`)).find((key) => key.endsWith(".gpg"));
    await bench.store.send(new PutObjectCommand({ Bucket: "backups", Key: damaged, Body: "something else" }));
    await expect(serverAt(afterSecond)).rejects.toMatchObject({ message: "The changes can't be fetched.", why: expect.stringContaining(String(segments.at(-1))) });
    expect(await bench.sql("SELECT count(*) FROM public.diary")).toBe(before);
  });

  test("names the gap where a segment is missing, and the last instant before it", async () => {
    const { segments } = await bench.archive.path("postgres-app", afterSecond);
    const [missing = ""] = segments;
    for (const key of await keys(`wal/${missing}`)) await bench.pruner.send(new DeleteObjectCommand({ Bucket: "backups", Key: key }));
    await expect(bench.archive.path("postgres-app", afterSecond)).rejects.toMatchObject({ message: expect.stringMatching(new RegExp(`has a gap: the changes from segment ${missing} up to [0-9A-F]{24} are missing`)) });
  });
});

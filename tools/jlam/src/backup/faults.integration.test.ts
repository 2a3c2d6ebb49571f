/** Bad days, one by one: whatever happens, no run ends well without a set that can be restored, and the next one heals. */
import { setTimeout as wait } from "node:timers/promises";
import { GetObjectCommand, ListMultipartUploadsCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { openStore, readObject } from "@jlam/backup/store";
import { execa } from "execa";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { door, imagesHere, startBench, writePlan, type Bench, type Ran } from "./engine.fixture.ts";
import { errorBody, internalError, slowDown, type Asked, type Fault, type Operation } from "./faulty-store.fixture.ts";

const images = await imagesHere();

/** The whole table takes ten minutes; what every change must pass is one fault of each kind. */
const full = process.env["JLAM_FULL"] === "1";

/** Fault → how the run ended, for the table that is printed at the end. */
const outcomes: (readonly [fault: string, outcome: string])[] = [];
const note = (outcome: string): void => void outcomes.push([expect.getState().currentTestName?.split(" > ").slice(1).join(": ") ?? "", outcome.replaceAll(/\s+/g, " ").slice(0, 160)]);

/** Milliseconds for one test, which makes up to five runs: seconds each, and a minute where many share two processors. */
const limit = 420_000;

describe.skipIf(images === undefined)(`faults (${images?.postgres ?? "no images on this machine"})`, { timeout: limit }, () => {
  let bench: Bench;
  /** Straight to the store, past its faults. */
  let store: S3Client;

  beforeAll(async () => {
    if (images === undefined) return;
    bench = await startBench(images);
    store = new S3Client({ endpoint: `http://${bench.storeHost}:8333`, region: "us-east-1", forcePathStyle: true, credentials: { accessKeyId: "writer", secretAccessKey: bench.storeKey } });
    // Random text, so that compression leaves more than one part of 16 MiB to send.
    await bench.sql(`
      SET ROLE app_owner;
      CREATE TABLE public.member (id int PRIMARY KEY, note text);
      INSERT INTO public.member SELECT i, string_agg(gen_random_uuid()::text || gen_random_uuid()::text, '') FROM generate_series(1, 9000) i, generate_series(1, 60) GROUP BY i;`);
    const first = await bench.run(["run"]);
    if (first.exitCode !== 0) throw new Error(`nothing can be said of faults: the engine fails without any: ${first.errors}`);
  });
  afterEach(() => bench.store.misbehave(() => undefined));
  afterAll(async () => {
    store.destroy();
    await bench.close();
    process.stdout.write(`${outcomes.map(([fault, outcome]) => `| ${fault} | ${outcome} |`).join("\n")}\n`);
  });

  const manifests = async (): Promise<readonly string[]> =>
    ((await store.send(new ListObjectsV2Command({ Bucket: "backups", Prefix: "manifests/" }))).Contents ?? []).flatMap(({ Key }) => Key ?? []);
  const openUploads = async (): Promise<number> => (await store.send(new ListMultipartUploadsCommand({ Bucket: "backups" }))).Uploads?.length ?? 0;
  const messageOf = (ran: Ran): string => (JSON.parse(ran.errors.trim().split("\n").at(-1) ?? "{}") as { message?: string }).message ?? ran.errors;

  /** A run that must fail: it says why, and the list of sets stays as it was. */
  async function failedRun(why: RegExp, work: () => Promise<Ran>): Promise<void> {
    const before = await manifests();
    const ran = await work();
    expect(ran.exitCode, ran.output).not.toBe(0);
    expect(messageOf(ran)).toMatch(why);
    expect(await manifests()).toEqual(before);
    note(`no set; exit ${ran.exitCode}: ${messageOf(ran)}`);
  }

  describe("of the store", () => {
    const always = (operation: Operation, fault: Fault) => (asked: Asked): Fault | undefined => (asked.operation === operation ? fault : undefined);
    const ofDump = (operation: Operation, fault: Fault) => (asked: Asked): Fault | undefined => (asked.operation === operation && asked.path.includes(".dump.") ? fault : undefined);

    const storeFaults: readonly [string, (asked: Asked) => Fault | undefined, RegExp][] = [
      ["beginning an upload is answered with 500", always("CreateMultipartUpload", internalError), /made to fail/],
      ["parts are answered with 503", ofDump("UploadPart", slowDown), /made to fail/],
      ["parts are cut off after 1 MB", ofDump("UploadPart", { kind: "cut", afterBytes: 1e6 }), /socket hang up|ECONNRESET|EPIPE|aborted/],
      ["a part is taken and lost", ofDump("UploadPart", { kind: "lose" }), /part|invalid|bytes of/i],
      ["completing is answered with 200 and an error", ofDump("CompleteMultipartUpload", errorBody), /made to fail/],
      ["completing is answered with 200 and not done", ofDump("CompleteMultipartUpload", { kind: "answer", status: 200, body: "<?xml version=\"1.0\"?><CompleteMultipartUploadResult/>" }), /NotFound|holds 0 bytes|UnknownError|404/],
      ["the manifest is refused", always("PutObject", internalError), /didn't take manifests/],
      ["the manifest is taken and lost", always("PutObject", { kind: "lose" }), /manifest/],
    ];
    test.each(full ? storeFaults : storeFaults.slice(3, 5))("%s", async (_what, decide, why) => {
      bench.store.misbehave(decide);
      await failedRun(why, () => bench.run(["run"]));
      expect(bench.store.bites(), "the fault struck").toBeGreaterThan(0);
      expect(await openUploads()).toBe(0);
    });

    test.runIf(full)("every part is slow, and the run ends well", async () => {
      bench.store.misbehave(ofDump("UploadPart", { kind: "hold", until: wait(10_000) }));
      const ran = await bench.run(["run"], { environment: { STORE_TIMEOUT_MS: "30000" } });
      expect(bench.store.bites()).toBeGreaterThan(0);
      expect(ran.exitCode, ran.errors).toBe(0);
      note("a set, later");
    });

    test.runIf(full)("parts are never answered", async () => {
      bench.store.misbehave(ofDump("UploadPart", { kind: "hang" }));
      await failedRun(/timed out|timeout/i, () => bench.run(["run"], { environment: { STORE_TIMEOUT_MS: "5000" } }));
      expect(bench.store.bites(), "the fault struck").toBeGreaterThan(0);
    });

    test("one part is refused twice, and the run recovers by itself", async () => {
      let refusals = 0;
      bench.store.misbehave((asked) => (asked.operation === "UploadPart" && asked.path.includes("partNumber=2") && refusals++ < 2 ? internalError : undefined));
      const ran = await bench.run(["run"]);
      expect(bench.store.bites()).toBe(2);
      expect(ran.exitCode, ran.errors).toBe(0);
      note("a set: the part was sent again from its buffer");
    });

    test("the answer about the manifest is lost: what counts is that the store has it", async () => {
      let swallowed = false;
      bench.store.misbehave(({ operation }) => (operation === "PutObject" && !swallowed ? ((swallowed = true), { kind: "swallow-answer" }) : undefined));
      const before = (await manifests()).length;
      const ran = await bench.run(["run"]);
      expect(bench.store.bites()).toBe(1);
      expect([ran.exitCode, (await manifests()).length], ran.errors).toEqual([0, before + 1]);
      note("a set: the manifest was read back");
    });

    test("a reading breaks off twice, and goes on where it was", async () => {
      let cuts = 0;
      bench.store.misbehave(({ operation, path }) => (operation === "GetObject" && path.includes(".dump.") && cuts++ < 2 ? { kind: "cut-answer", afterBytes: 1e6 } : undefined));
      const ran = await bench.run(["verify"]);
      expect(bench.store.bites()).toBe(2);
      expect(ran.exitCode, ran.errors).toBe(0);
      note("the set is what was sent: the range was asked for again");
    });

    test("a reader stands still for longer than a connection may be silent, as pg_restore does while it makes an index", async () => {
      const { Contents = [] } = await store.send(new ListObjectsV2Command({ Bucket: "backups", Prefix: "sets/" }));
      const dump = Contents.find(({ Key = "" }) => Key.includes(".dump."));
      const impatient = openStore({ url: `http://${bench.storeHost}:8333`, bucket: "backups", region: "us-east-1", accessKey: "writer", secretKey: bench.storeKey, timeout: 1000 });
      const readSlowly = async (chunks: AsyncIterable<Uint8Array>): Promise<number> => {
        let bytes = 0;
        for await (const chunk of chunks) {
          if (bytes === 0) await wait(4000);
          bytes += chunk.length;
        }
        return bytes;
      };
      const whole = await impatient.client.send(new GetObjectCommand({ Bucket: "backups", Key: dump?.Key }));
      if (whole.Body === undefined) throw new Error("the store sends nothing");
      await expect(readSlowly(whole.Body.transformToWebStream()), "one connection for all of it is closed").rejects.toThrow();
      expect(await readSlowly(await readObject(impatient, dump?.Key ?? ""))).toBe(dump?.Size);
      impatient.client.destroy();
      note("read whole");
    });

    test("an abort that is refused too leaves parts, which the next run clears away", async () => {
      bench.store.misbehave(({ operation, path }) => (path.includes(".dump.") && (operation === "UploadPart" || operation === "AbortMultipartUpload") ? internalError : undefined));
      await failedRun(/made to fail/, () => bench.run(["run"]));
      expect(await openUploads(), "the fault struck").toBe(1);
      bench.store.misbehave(() => undefined);
      const next = await bench.run(["run"]);
      expect(next.lines.find(({ step }) => step === "cleared")).toMatchObject({ uploads: 1 });
      expect(await openUploads()).toBe(0);
    });
  });

  describe("of the database and its programs", () => {
    const isDump = (path: string): boolean => path.includes(".dump.");

    /** Waits until pg_dump copies a table. It then stands still in it, if nobody takes what it writes. */
    const untilCopying = () =>
      expect.poll(() => bench.sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'app_backup' AND query LIKE 'COPY%'"), { timeout: 60_000, interval: 200 }).toBe("1");

    /** Harms a run while its dump is at an operation of the store that isn't answered before. */
    async function during<T>(operation: Operation, name: string, harm: () => Promise<T>, at: (path: string) => boolean = isDump): Promise<{ readonly ran: Ran; readonly harmed: T }> {
      const held = door();
      const reached = door();
      bench.store.misbehave((asked) => {
        if (asked.operation !== operation || !at(asked.path)) return undefined;
        reached.open();
        return { kind: "hold", until: held.opened };
      });
      const run = bench.run(["run"], { name });
      try {
        await Promise.race([reached.opened, run]);
        const harmed = await harm();
        held.open();
        return { harmed, ran: await run };
      } finally {
        held.open();
        await run;
        bench.store.misbehave(() => undefined);
      }
    }

    /** `kill -9` of a program in the run's container; its exit says whether there was one. */
    const killInside = (container: string, program: string) =>
      execa("docker", ["exec", container, "sh", "-c", `found=1; for p in /proc/[0-9]*; do case $(readlink $p/exe) in */${program}) kill -9 \${p#/proc/} && found=0;; esac; done; exit $found`]);

    /** Nobody has begun to read what the programs write: pg_dump stands in the middle of its table. */
    async function duringTheCopy(name: string, harm: () => Promise<unknown>, why: RegExp): Promise<void> {
      await failedRun(why, async () => {
        const { ran } = await during("CreateMultipartUpload", name, async () => {
          await untilCopying();
          await harm();
        });
        return ran;
      });
      expect(await openUploads()).toBe(0);
    }

    test("pg_dump's session is ended by the server", async () => {
      await duringTheCopy("jlam-test-backup-ended", async () => {
        const ended = await bench.sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'app_backup' AND query LIKE 'COPY%'");
        expect(ended, "the fault struck").toBe("1");
      }, /pg_dump exited with 1/);
    });

    test("pg_dump is killed", async () => {
      const name = "jlam-test-backup-no-dump";
      await duringTheCopy(name, () => killInside(name, "pg_dump"), /pg_dump was ended by SIGKILL/);
    });

    test.runIf(full)("gpg is killed", async () => {
      const name = "jlam-test-backup-no-gpg";
      await duringTheCopy(name, () => killInside(name, "gpg"), /gpg was ended by SIGKILL/);
    });

    test.runIf(full)("the server crashes and recovers", async () => {
      // A backend that is killed makes PostgreSQL end all sessions and recover from its log.
      await duringTheCopy("jlam-test-backup-crash", async () => {
        const pid = await bench.sql("SELECT pid FROM pg_stat_activity WHERE usename = 'app_backup' AND query LIKE 'COPY%'");
        await bench.server.exec(["sh", "-c", `kill -9 ${pid}`]);
        await expect.poll(() => bench.sql("SELECT 1").catch(() => "down"), { timeout: 60_000, interval: 200 }).toBe("1");
      }, /pg_dump exited with 1/);
    });

    const states: readonly [string, Operation, (path: string) => boolean][] = [
      ["while it sends", "UploadPart", isDump],
      ["as it begins an upload", "CreateMultipartUpload", isDump],
      ["as it completes one", "CompleteMultipartUpload", isDump],
      ["as it looks at what was completed", "HeadObject", isDump],
      ["as it commits", "PutObject", (path) => path.includes("manifests/")],
    ];
    test.each(full ? states : states.slice(0, 1))("the engine itself is killed %s: nothing is listed, and the next run clears away what it left", async (_when, operation, at) => {
      const before = await manifests();
      const name = "jlam-test-backup-killed";
      const { ran } = await during(operation, name, () => execa("docker", ["kill", name]), at);
      expect(ran.exitCode, "the fault struck").toBe(137);
      // The store may have taken the manifest's request although its sender is dead: then everything is there.
      if (operation !== "PutObject") expect(await manifests()).toEqual(before);
      const next = await bench.run(["run"]);
      expect(next.exitCode, next.errors).toBe(0);
      expect(await openUploads()).toBe(0);
      note("nothing listed; the next run clears away what was left and makes a set");
    });

    test("a second run while one goes on ends with its own exit code, and the first is not disturbed", async () => {
      const { ran, harmed } = await during("UploadPart", "jlam-test-backup-first", () => bench.run(["run"]));
      expect(harmed.exitCode, harmed.errors).toBe(75);
      expect(ran.exitCode, ran.errors).toBe(0);
      note("the second one exits with 75, the first makes its set");
    });

    test("a table that the role may not read", async () => {
      await bench.sql("CREATE TABLE public.closed (id int)");
      await failedRun(/permission denied for table closed/, () => bench.run(["run"]));
      await bench.sql("DROP TABLE public.closed");
    });

    test("row-level security that would hide rows", async () => {
      await bench.sql("SET ROLE app_owner; CREATE TABLE public.walled (id int); ALTER TABLE public.walled ENABLE ROW LEVEL SECURITY; INSERT INTO public.walled VALUES (1); RESET ROLE; ALTER ROLE app_backup NOBYPASSRLS");
      await failedRun(/row-level security/, () => bench.run(["run"]));
      await bench.sql("ALTER ROLE app_backup BYPASSRLS; DROP TABLE public.walled");
    });

    test.runIf(full)("a server newer than every pg_dump that is there", async () => {
      await failedRun(/image has no pg_dump of that version/, () => bench.run(["run"], { environment: { POSTGRES_PROGRAMS: "/bench/files" } }));
    });

    test("a pg_dump that writes nothing and says that all is well", async () => {
      await execa("sh", ["-c", `mkdir -p ${bench.directory}/silent/17/bin && printf '#!/bin/sh\\nexit 0\\n' > ${bench.directory}/silent/17/bin/pg_dump && cp ${bench.directory}/silent/17/bin/pg_dump ${bench.directory}/silent/17/bin/pg_dumpall && chmod -R a+rx ${bench.directory}/silent`]);
      await failedRun(/would be empty: its program wrote nothing/, () => bench.run(["run"], { environment: { POSTGRES_PROGRAMS: "/bench/silent" } }));
    });
  });

  describe("of keys and the machine", () => {
    test.runIf(full).each([
      ["a recipient's key has expired", { ESCROW_KEY_FILE: "/bench/keys/expired.pub" }, /escrow key .* has expired/],
      ["a key is missing", { ESCROW_KEY_FILE: "/bench/keys/nowhere.pub" }, /escrow key .* can't be read/],
      ["both keys are one", { ESCROW_KEY_FILE: "/bench/keys/operations.pub" }, /one and the same/],
      ["the signing key is a public one", { SIGNING_KEY_FILE: "/bench/keys/operations.pub" }, /signing key .* private one is wanted/],
      ["the store's key is wrong", { STORE_ACCESS_KEY: "nobody" }, /can't be reached/],
      ["the store is gone", { STORE_URL: "http://127.0.0.1:9" }, /can't be reached/],
      ["the bundle of the repository is missing", { PLAN_FILE: "/bench/no-bundle.json" }, /no bundle of the repository/],
    ])("%s", async (_what, environment, why) => {
      await writePlan(bench.directory, "no-bundle.json", { repository: "/bench/nowhere.bundle" });
      await failedRun(why, () => bench.run(["run"], { environment }));
    });

    test.runIf(full)("the disk is full", async () => {
      await failedRun(/ENOSPC|No space|can't be read/, () => bench.run(["run"], { tmpfs: "/tmp:size=4k,mode=1777" }));
    });

    test("a private key that isn't one of the two reads nothing, and the set stays unverified", async () => {
      const ran = await bench.run(["verify", ...bench.restoring("stranger")]);
      expect(messageOf(ran)).toMatch(/No secret key/);
      expect((await bench.run(["list"])).output).not.toContain("verifiedAt");
      note(`unverified: ${messageOf(ran)}`);
    });
  });

  describe("of objects that were changed later", () => {
    const newest = async (): Promise<{ readonly id: string; readonly dump: string }> => {
      const id = /manifests\/(.*)\.json\.asc/.exec((await manifests()).at(-1) ?? "")?.[1] ?? "";
      return { id, dump: `sets/${id}/postgres-app.dump.zst.gpg` };
    };
    const bytesOf = async (key: string): Promise<Uint8Array> => {
      const { Body } = await store.send(new GetObjectCommand({ Bucket: "backups", Key: key }));
      return (await Body?.transformToByteArray()) ?? new Uint8Array();
    };
    /** A newer version hides the one that was sent; locked, that one is still there below it. */
    const replace = (key: string, body: Uint8Array | string) => store.send(new PutObjectCommand({ Bucket: "backups", Key: key, Body: body }));
    const fresh = async () => {
      const ran = await bench.run(["run"]);
      expect(ran.exitCode, ran.errors).toBe(0);
      return newest();
    };

    test("an object with one bit flipped, cut short, or swapped with an older one is no verified set", { timeout: 2 * limit }, async () => {
      const older = await newest();
      await wait(5);
      const { id, dump } = await fresh();
      const whole = await bytesOf(dump);
      expect(whole.length).toBeGreaterThan(16 * 1024 ** 2);
      const flipped = Uint8Array.from(whole);
      flipped[whole.length - 1] = (flipped[whole.length - 1] ?? 0) ^ 1;
      const first = Uint8Array.from(whole);
      first[0] = (first[0] ?? 0) ^ 1;
      // A part's border, the borders of GnuPG's own chunks of 8 KiB, one byte, nothing.
      const cuts = [16 * 1024 ** 2, whole.length - (whole.length % 8192), whole.length - 1, 1, 0].map((length) => whole.subarray(0, length));
      const ways = [flipped, first, ...cuts, await bytesOf(older.dump)];
      for (const changed of full ? ways : ways.slice(0, 3)) {
        await replace(dump, changed);
        const ran = await bench.run(["verify", id]);
        expect(messageOf(ran)).toMatch(/isn't what was sent.*postgres-app\.dump/);
      }
      const restored = await bench.run(["verify", id, ...bench.restoring("operations")]);
      expect([restored.exitCode, messageOf(restored)]).toEqual([1, expect.stringContaining("isn't what was sent")]);
      note("8 ways: each found by reading back, and no verified set");
      await replace(dump, whole);
      expect((await bench.run(["verify", id, ...bench.restoring("operations")])).exitCode).toBe(0);
    });

    test("a manifest that somebody else signed, or that is another set's, is listed as unusable", async () => {
      const older = await newest();
      const { id } = await fresh();
      const key = `manifests/${id}.json.asc`;
      const forged = await bench.shell("gpg --batch --quiet --import /keys/forger.key && echo '{}' | gpg --batch --clear-sign");
      for (const text of [forged, await bytesOf(`manifests/${older.id}.json.asc`)]) {
        await replace(key, text);
        const listed = JSON.parse((await bench.run(["list"])).output) as { id: string; kind: string }[];
        expect(listed[0]).toMatchObject({ id, kind: "unusable" });
      }
      note("listed as unusable");
    });
  });
});

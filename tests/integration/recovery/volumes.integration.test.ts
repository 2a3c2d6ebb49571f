/** Volumes are saved by the engine that an environment really boots, come back by themselves, and go into another environment. */
import { projectName } from "@jlam/compose-dsl";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { prepareRestore } from "../../../tools/jlam/src/recovery/restore.ts";
import { takeSet } from "../../../tools/jlam/src/recovery/take-set.ts";
import { listContainers } from "../../../tools/jlam/src/runtime/containers.ts";
import type { Project } from "../../../tools/jlam/src/runtime/project.ts";
import { silent } from "../../../tools/jlam/src/runtime/reporter.ts";
import type { Name } from "./environment.ts";
import { boot, inVolume, remove, root } from "./platform.ts";

const full = process.env["JLAM_FULL"] === "1";
/** Two environments start, and parts of them are stopped and started again. */
const limit = 600_000;

const show = (project: Project) => inVolume(project, "cd /files; find . -type f | sort | while read f; do stat --format '%n %u:%g %a' \"$f\"; cat \"$f\"; done");
const container = async (name: Name, service: string) => (await listContainers(projectName(name))).find((each) => each.service === service);
const sql = async (name: Name, statement: string): Promise<string> =>
  (await execa("docker", ["exec", (await container(name, "postgres-books"))?.id ?? "", "psql", "--no-psqlrc", "--tuples-only", "--no-align", "--quiet", "--username=postgres", "--dbname=books", `--command=${statement}`])).stdout;
const restore = async (into: Name, only: readonly string[]) => {
  const prepared = await prepareRestore({ root, set: undefined, from: "recovery-one", into, only, keyFile: undefined });
  return { losses: prepared.losses, result: await prepared.run(silent) };
};

const kept = "./deep/photo 1234:1234 640\nlight\n./diary 1234:1234 600\nonly its owner may read this";

describe.skipIf(!full)("volumes and other environments (runs with --full, since it boots two)", () => {
  let one: Project;

  beforeAll(async () => {
    await remove("recovery-one", "recovery-two");
    one = await boot("recovery-one");
    await sql("recovery-one", "SET ROLE books_owner; CREATE TABLE public.book (id int PRIMARY KEY, title text); INSERT INTO public.book SELECT i, 'book ' || i FROM generate_series(1, 500) i");
    await inVolume(one, "mkdir /files/deep; echo 'only its owner may read this' > /files/diary; echo light > /files/deep/photo; chown -R 1234:1234 /files/diary /files/deep; chmod 600 /files/diary; chmod 640 /files/deep/photo");
    await takeSet("recovery-one", await listContainers(projectName("recovery-one")), root);
  }, limit);
  afterAll(() => remove("recovery-one", "recovery-two"), limit);

  test("the engine runs as root only to read: it can open files of others, and change none", async () => {
    const engine = (await container("recovery-one", "backup"))?.id ?? "";
    const inside = (script: string) => execa("docker", ["exec", engine, "sh", "-c", script], { reject: false });
    expect((await inside("id -u; cat /volumes/volume-files/diary; grep CapEff /proc/self/status")).stdout).toMatch(/^0\nonly its owner may read this\nCapEff:\t0000000000000004$/);
    expect((await inside("echo x >> /volumes/volume-files/diary")).exitCode).not.toBe(0);
    expect((await inside("echo x > /app/x")).exitCode).not.toBe(0);
  });

  test("a volume alone comes back with owners and modes, what is newer goes, and the database stays as it is", { timeout: limit }, async () => {
    await sql("recovery-one", "DELETE FROM public.book WHERE id > 100");
    await inVolume(one, "rm -r /files/deep; echo spoiled > /files/diary; echo new > /files/newer");
    const { losses, result } = await restore("recovery-one", ["volume-files"]);
    expect(losses).toEqual([expect.stringMatching(/^volume-files: all its files, for those of /)]);
    expect(await show(one)).toBe(kept);
    expect(await sql("recovery-one", "SELECT count(*) FROM public.book")).toBe("100");
    expect(result.visited.map(({ status }) => status)).toEqual([200]);
  });

  test("a set goes into another environment, and the one that it is from doesn't change", { timeout: limit }, async () => {
    const two = await boot("recovery-two");
    await inVolume(two, "echo 'of two' > /files/diary");
    const { losses } = await restore("recovery-two", []);
    expect(losses.map((loss) => loss.split(":")[0])).toEqual(["postgres-books", "volume-files"]);
    expect([await sql("recovery-two", "SELECT count(*) FROM public.book"), await sql("recovery-one", "SELECT count(*) FROM public.book")]).toEqual(["500", "100"]);
    expect(await show(two)).toBe(await show(one));
    expect(await sql("recovery-two", "SELECT tableowner FROM pg_tables WHERE tablename = 'book'")).toBe("books_owner");
  });
});

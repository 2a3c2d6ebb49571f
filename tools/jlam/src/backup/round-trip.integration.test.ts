import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { imagesHere, startBench, type Bench } from "./engine.fixture.ts";

const images = await imagesHere();

describe.skipIf(images === undefined)(`a set is made, kept and proven (${images?.postgres ?? "no images on this machine"})`, { timeout: 420_000 }, () => {
  let bench: Bench;

  beforeAll(async () => {
    if (images === undefined) return;
    bench = await startBench(images);
    await bench.sql(`
      SET ROLE app_owner;
      CREATE TABLE public.member (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text, born date, weight double precision, extra jsonb);
      INSERT INTO public.member (email, born, weight, extra) SELECT 'person' || i || '@example.org', date '1950-01-01' + i, i / 7.0, jsonb_build_object('i', i) FROM generate_series(1, 20000) i;
      CREATE TABLE public.hidden (id int, note text);
      INSERT INTO public.hidden VALUES (1, 'seen by the backup alone');
      ALTER TABLE public.hidden ENABLE ROW LEVEL SECURITY;`);
  });
  afterAll(() => bench.close());

  test("a run ends with a set that is listed", async () => {
    const ran = await bench.run(["run"]);
    expect(ran.errors).toBe("");
    expect(ran.exitCode).toBe(0);
    const listed = JSON.parse((await bench.run(["list"])).output) as { kind: string; id: string }[];
    expect(listed).toMatchObject([{ kind: "set" }]);
  });

  test("the escrow key alone restores it to equal content", async () => {
    const ran = await bench.run(["verify", ...bench.restoring("escrow")]);
    expect(ran.errors).toBe("");
    expect(ran.lines).toMatchObject([{ verified: "restored" }]);
  });
});

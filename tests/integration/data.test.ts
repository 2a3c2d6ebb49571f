/** Booting again changes nothing, and taking the containers away takes no data with them. */
import { beforeAll, describe, expect, inject, test } from "vitest";
import { listContainers } from "../../tools/jlam/src/runtime/containers.ts";
import { down } from "../../tools/jlam/src/runtime/down.ts";
import { up } from "../../tools/jlam/src/runtime/up.ts";
import { redis, sql } from "./stack/databases.ts";
import { ci, runningServices } from "./stack/environment.ts";
import { ask } from "./stack/https.ts";

const upAgain = async () => await up({ environment: ci.name, checkTypes: false });
const identities = async () => new Map((await listContainers(inject("project").name)).map(({ service, id, started }) => [service, { id, started }]));

test("`jlam up` finds nothing to do in what stock Compose booted from the same files", async () => {
  const before = await identities();
  expect((await upAgain()).changed).toEqual([]);
  expect(await identities()).toEqual(before);
});

describe("after `jlam down` and `jlam up`", () => {
  beforeAll(async () => {
    await sql("create table kept (word text); insert into kept values ('bewaard');");
    expect(await redis("SET test:kept bewaard")).toBe("OK");
    const { keptVolumes, removedVolumes } = await down({ environment: ci.name });
    expect(removedVolumes).toEqual([]);
    expect(keptVolumes.length).toBeGreaterThanOrEqual(3);
    expect(await listContainers(inject("project").name)).toEqual([]);
    await upAgain();
  });

  test("a row in PostgreSQL is still there", async () => {
    expect(await sql("select word from kept")).toBe("bewaard");
    await sql("drop table kept");
  });

  test("a key in Redis is still there", async () => {
    expect(await redis("GET test:kept")).toBe("bewaard");
    expect(await redis("DEL test:kept")).toBe("1");
  });

  test("everything runs, and the site answers", async () => {
    expect([...(await identities()).keys()]).toEqual(expect.arrayContaining(runningServices().map(({ name }) => name)));
    expect((await ask("/ready")).status).toBe(200);
  });

  test("another `up` recreates nothing", async () => {
    expect((await upAgain()).changed).toEqual([]);
  });
});

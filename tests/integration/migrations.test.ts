/** The migration of the database is a one-shot that may run at any time, any number of times. */
import { describe, expect, inject, test } from "vitest";
import { compose } from "../../tools/jlam/src/runtime/project.ts";
import { dump, sql } from "./stack/databases.ts";
import { inspect } from "./stack/environment.ts";

const migrate = async (): Promise<number | undefined> => (await compose(inject("project"), ["run", "--rm", "--no-deps", "--no-TTY", "web-migrate"], 60_000)).exitCode;

test("it ran once before the application started, and went well", async () => {
  const { State } = await inspect("web-migrate");
  const web = await inspect("web");
  expect(State.ExitCode).toBe(0);
  expect(Date.parse(State.FinishedAt)).toBeLessThanOrEqual(Date.parse(web.State.StartedAt));
});

describe("run again", () => {
  test("it changes nothing", async () => {
    const before = await dump();
    expect(await migrate()).toBe(0);
    expect(await dump()).toBe(before);
  });

  test("twice at the same time, both go well and change nothing", async () => {
    const before = await dump();
    expect(await Promise.all([migrate(), migrate()])).toEqual([0, 0]);
    expect(await dump()).toBe(before);
  });

  test("a change would be seen", async () => {
    const before = await dump();
    await sql("create table seen (id int)");
    expect(await dump()).not.toBe(before);
    await sql("drop table seen");
    expect(await dump()).toBe(before);
  });
});

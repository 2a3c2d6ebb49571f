import { setTimeout as sleep } from "node:timers/promises";

import { expect, test } from "vitest";

import { createLogger } from "../logging.ts";
import { createSiteMessageCache } from "./site-message.ts";
import type { SiteMessage } from "./site-message.ts";

const logger = createLogger({ level: "silent", service: "web", environment: "test" });
const message: SiteMessage = { kind: "notice", message: "Hallo" };
const times = { fresh: 20, wait: 30, keep: 10_000, pause: 5 };

test("many pages at once ask the database once", async () => {
  let asked = 0;
  const current = createSiteMessageCache(async () => { asked += 1; return message; }, logger, { ...times, fresh: 10_000 });
  expect(await Promise.all([current(), current(), current()])).toEqual([message, message, message]);
  expect(await current()).toEqual(message);
  expect(asked).toBe(1);
});

test("the last known message is shown while the database is down, and a new one when it is back", async () => {
  const answers = [async () => message, () => Promise.reject(new Error("down")), async () => ({ ...message, message: "Terug" })];
  const current = createSiteMessageCache(() => (answers.shift() ?? (async () => undefined))(), logger, times);
  expect(await current()).toEqual(message);
  await sleep(25);
  expect(await current()).toEqual(message);
  await sleep(25);
  expect(await current()).toMatchObject({ message: "Terug" });
});

test("a message is not shown for ever without the database", async () => {
  const answers = [async () => message];
  const current = createSiteMessageCache(() => (answers.shift() ?? (() => Promise.reject(new Error("down"))))(), logger, { ...times, fresh: 5, keep: 30 });
  expect(await current()).toEqual(message);
  await sleep(40);
  expect(await current()).toBeUndefined();
});

test("a page does not wait for a database that hangs", async () => {
  const current = createSiteMessageCache(() => new Promise(() => undefined), logger, times);
  const start = performance.now();
  expect(await current()).toBeUndefined();
  expect(performance.now() - start).toBeLessThan(1_000);
});

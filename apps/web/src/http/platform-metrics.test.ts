import { Registry } from "prom-client";
import { expect, test } from "vitest";

import type { PlatformCounts } from "../database/platform-counts.ts";
import { createLogger } from "../logging.ts";
import { addPlatformMetrics } from "./platform-metrics.ts";

const logger = createLogger({ level: "silent", service: "web", environment: "test" });
const COUNTS: PlatformCounts = { members: 9000, signUps: { day: 3, week: 20, month: 80 }, active: { day: 4000, week: 6000, month: 7000 }, entries: 1_000_000 };

const linesOf = async (registry: Registry): Promise<readonly string[]> => (await registry.metrics()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));

test("one scrape asks once and tells every number of that moment", async () => {
  const registry = new Registry();
  let asked = 0;
  addPlatformMetrics(registry, async () => { asked += 1; return COUNTS; }, logger);
  expect(await linesOf(registry)).toEqual([
    "jlam_members 9000",
    'jlam_sign_ups{period="day"} 3',
    'jlam_sign_ups{period="week"} 20',
    'jlam_sign_ups{period="month"} 80',
    'jlam_active_members{period="day"} 4000',
    'jlam_active_members{period="week"} 6000',
    'jlam_active_members{period="month"} 7000',
    "jlam_diary_entries 1000000",
  ]);
  expect(asked).toBe(1);
});

test("numbers that can't be read are left out, those of before included, and come back", async () => {
  const registry = new Registry();
  const answers = [async () => COUNTS, () => Promise.reject(new Error("away")), async () => ({ ...COUNTS, members: 9001 })];
  addPlatformMetrics(registry, () => (answers.shift() ?? (async () => COUNTS))(), logger);
  expect(await linesOf(registry)).toContain("jlam_members 9000");
  expect(await linesOf(registry)).toEqual([]);
  expect(await linesOf(registry)).toContain("jlam_members 9001");
});

import { describe, expect, test } from "vitest";
import type { EntryFacts } from "../journal/entry.ts";
import { ago, entryFacts, now, sampleJournal, sampleRelease } from "../sample.fixture.ts";
import { metricsText, releaseMetrics, runsOf } from "./metrics.ts";
import { historyPage } from "./page.ts";

const release = sampleRelease(1, { committedAt: ago(200) });
const day = 24 * 60;

/** Entries of one run, each so many minutes ago. */
const run = (name: string, changes: Partial<EntryFacts>, ...entries: readonly (readonly [minutes: number, step: EntryFacts["step"], outcome?: EntryFacts["outcome"]])[]): readonly EntryFacts[] =>
  entries.map(([minutes, step, outcome = "done"]) => entryFacts(release, { run: name, at: ago(minutes), step, outcome, ...changes }));

const runs = (...all: readonly (readonly EntryFacts[])[]) => runsOf(sampleJournal("staging", all.flat()).entries);
const metrics = (...all: readonly (readonly EntryFacts[])[]) => releaseMetrics(runs(...all), now);

const good = run("1", {}, [110, "begin", "began"], [100, "finish"]);

describe("runs", () => {
  test("end as their entries say", () => {
    const outcomes = runs(
      good,
      run("2", {}, [90, "begin", "began"], [89, "healthy", "failed"]),
      run("3", {}, [80, "switch"], [79, "watch", "failed"], [78, "switch-back"]),
      run("4", {}, [70, "upload", "began"]),
    ).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(["done", "failed", "reverted", "unfinished"]);
  });

  test("say what failed and on what grounds", () => {
    const [failed] = runs(run("1", { evidence: { "p95 ms": 900 } }, [10, "watch", "failed"]));
    expect(failed?.failure).toBe("watch, p95 ms 900");
  });

  test("say that the glass was broken, and why", () => {
    expect(runs(run("1", { brokenGlass: { reason: "the site is down", gates: ["soak"] } }, [10, "finish"]))[0]?.brokenGlass).toBe("the site is down");
  });
});

describe("the numbers", () => {
  test("of a deploy: once, from commit to serving", () => {
    expect(metrics(good)).toMatchObject({ deploys: 1, deploysPerWeek: 0.25, leadTime: 100 * 60, failedDeploys: 0, recoveryTime: undefined, rollbackTime: undefined });
  });

  test("don't count a deploy of two months ago as this month's", () => {
    expect(metrics(run("1", {}, [60 * day, "finish"]))).toMatchObject({ deploys: 1, deploysPerWeek: 0 });
  });

  test("of a failed deploy and the next that serves: the time between", () => {
    expect(metrics(run("1", {}, [60, "begin", "began"], [59, "healthy", "failed"]), run("2", {}, [40, "begin", "began"], [30, "finish"]))).toMatchObject({ failedDeploys: 1, deploys: 1, recoveryTime: 30 * 60 });
  });

  test("of a deploy that went back by itself: until it was back", () => {
    expect(metrics(run("1", {}, [60, "switch"], [58, "watch", "failed"], [57, "switch-back"]))).toMatchObject({ failedDeploys: 1, recoveryTime: 3 * 60 });
  });

  test("of a rollback: its own time, and from the first failed smoke run to its end", () => {
    expect(metrics(good, run("2", { action: "smoke" }, [50, "smoke", "failed"]), run("3", { action: "rollback" }, [41, "begin", "began"], [40, "finish"]))).toMatchObject({ rollbacks: 1, rollbackTime: 60, longestRollback: 60, recoveryTime: 10 * 60 });
  });

  test("are medians: one slow release doesn't hide the others", () => {
    const finish = (name: string, minutes: number) => run(name, {}, [minutes, "finish"]);
    expect(metrics(finish("1", 190), finish("2", 180), finish("3", 100)).leadTime).toBe(20 * 60);
    expect(metrics(finish("1", 190), finish("2", 180)).leadTime).toBe(15 * 60);
  });
});

test("Prometheus reads the numbers of every environment, and none that doesn't exist", () => {
  expect(metricsText(new Map([["staging", metrics(good)], ["production", metrics()]]))).toMatchInlineSnapshot(`
    "# HELP jlam_deploys_total Deploys that ended with the new release serving.
    # TYPE jlam_deploys_total counter
    jlam_deploys_total{environment="staging"} 1
    jlam_deploys_total{environment="production"} 0
    # HELP jlam_deploys_failed_total Deploys that failed or went back by themselves.
    # TYPE jlam_deploys_failed_total counter
    jlam_deploys_failed_total{environment="staging"} 0
    jlam_deploys_failed_total{environment="production"} 0
    # HELP jlam_rollbacks_total Rollbacks that somebody asked for.
    # TYPE jlam_rollbacks_total counter
    jlam_rollbacks_total{environment="staging"} 0
    jlam_rollbacks_total{environment="production"} 0
    # HELP jlam_broken_glass_total Deploys and rollbacks that passed gates with --break-glass.
    # TYPE jlam_broken_glass_total counter
    jlam_broken_glass_total{environment="staging"} 0
    jlam_broken_glass_total{environment="production"} 0
    # HELP jlam_deploys_per_week Deploys a week over the last four weeks.
    # TYPE jlam_deploys_per_week gauge
    jlam_deploys_per_week{environment="staging"} 0.25
    jlam_deploys_per_week{environment="production"} 0
    # HELP jlam_lead_time_seconds Median time from commit to serving.
    # TYPE jlam_lead_time_seconds gauge
    jlam_lead_time_seconds{environment="staging"} 6000
    # HELP jlam_last_deploy_timestamp_seconds When a deploy ended last.
    # TYPE jlam_last_deploy_timestamp_seconds gauge
    jlam_last_deploy_timestamp_seconds{environment="staging"} 1795522800
    "
  `);
  expect(metricsText(new Map())).toBe("");
});

test("the page tells of every run, and escapes what somebody wrote", () => {
  const history = { environment: "staging", runs: runs(run("1", { who: "<script>alert(1)</script>", brokenGlass: { reason: "it & that", gates: [] } }, [10, "finish"])), metrics: metrics(good), broken: undefined };
  const page = historyPage([history], now);
  expect(page).not.toContain("<script>");
  expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  expect(page).toContain("glass broken: it &amp; that");
  expect(page).toContain("24 Nov 2026, 15:00");
});

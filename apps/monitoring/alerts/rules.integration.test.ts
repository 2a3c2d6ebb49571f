/** Every alert in Prometheus' own evaluator: it fires on what it is for, keeps silent on what looks alike, and says what it does without series. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dump } from "js-yaml";
import { afterAll, describe, expect, test } from "vitest";
import type { Expression, Window } from "../expression/expression.ts";
import { allDashboards } from "../dashboards/files.ts";
import { watchedPlatform } from "../platform.fixture.ts";
import type { Watched } from "../watched/watched.ts";
import type { Definition } from "./definition.ts";
import { definitions } from "./index.ts";
import { recordings } from "./objectives.ts";
import { alertingRules, ruleGroups } from "./rules-file.ts";
import { scenarios, type Scenario } from "./scenario.fixture.ts";

const program = process.env["JLAM_PROMTOOL"] ?? "promtool";
const said = spawnSync(program, ["--version"], { encoding: "utf8", timeout: 20_000 }).stdout as string | null;
/** Expected values differ between Prometheus 2 and 3. A program that was built as a Go module names no version. */
const version = /^promtool, version ([^ ]*)/.exec(said ?? "")?.[1];
const missing = version === undefined || /^[12]\./.test(version) ? " (not run: no `promtool` of Prometheus 3 in PATH, and JLAM_PROMTOOL does not name one)" : "";

const watched = watchedPlatform();
const folder = mkdtempSync(join(tmpdir(), "jlam-rules-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Expected {
  readonly what: string;
  readonly series: Readonly<Record<string, string>>;
  readonly firing: number;
}

/** What promtool says to a file of tests; empty when all of them hold. */
function verdict(name: string, rules: unknown, tests: readonly unknown[], every: Window = "15s"): string {
  const rulesFile = join(folder, `${name}.rules.yml`);
  const testFile = join(folder, `${name}.test.yml`);
  writeFileSync(rulesFile, dump({ groups: [rules] }));
  writeFileSync(testFile, dump({ rule_files: [rulesFile], evaluation_interval: every, fuzzy_compare: true, tests }));
  const { status, stdout, stderr } = spawnSync(program, ["test", "rules", testFile], { encoding: "utf8", timeout: 120_000 });
  return status === 0 ? "" : `${stdout}${stderr}`;
}

const testOf = ({ every, at }: Scenario, name: string, { what, series, firing }: Expected) => ({
  name: what,
  interval: every,
  input_series: Object.entries(series).map(([of, values]) => ({ series: of, values })),
  promql_expr_test: [{ expr: `count(ALERTS{alertname="${name}",alertstate="firing"}) or vector(0)`, eval_time: at, exp_samples: [{ labels: "{}", value: firing }] }],
});

const groupOf = (definition: Definition, every: Window, of: Watched) => ({ name: definition.name, interval: every, rules: alertingRules(definition, of) });

const expectedOf = ({ fires, quiet, firing = 1, missing: withoutSeries = 0 }: Scenario, quietFiring: number): readonly Expected[] => [
  { what: "fires", series: fires, firing },
  { what: "keeps silent", series: quiet, firing: quietFiring },
  { what: "without series", series: {}, firing: withoutSeries },
];

test("every alert has a scenario, and no scenario is about an alert that is gone", () => {
  expect(Object.keys(scenarios).toSorted()).toEqual(definitions.map(({ name }) => name).toSorted());
});

describe.skipIf(missing !== "" && process.env["JLAM_REQUIRE_ALL"] !== "1")(`promtool ${version ?? ""}${missing}`, () => {
  test("reads the rules of a whole environment without a remark", () => {
    const path = join(folder, "all.yml");
    writeFileSync(path, dump({ groups: ruleGroups(watched) }));
    const { status, stdout, stderr } = spawnSync(program, ["check", "rules", "--lint=all", "--lint-fatal", path], { encoding: "utf8", timeout: 60_000 });
    expect(status, `${stdout}${stderr}`).toBe(0);
  });

  test("reads every query of every dashboard", () => {
    const queries = allDashboards(watched).flatMap(({ rows }) => rows.flatMap(({ panels }) => panels.flatMap((panel) => (panel.kind === "log" ? [] : panel.queries))));
    // Grafana puts a length of time there before it asks.
    const rules = queries.map(({ expression }, index) => ({ record: `query_${index}`, expr: expression.text.replaceAll("$__rate_interval", "1m") }));
    const path = join(folder, "dashboards.yml");
    writeFileSync(path, dump({ groups: [{ name: "dashboards", rules }] }));
    const { status, stdout, stderr } = spawnSync(program, ["check", "rules", path], { encoding: "utf8", timeout: 60_000 });
    expect(status, `${stdout}${stderr}`).toBe(0);
    expect(rules.length).toBeGreaterThan(50);
  });

  test.each(definitions.map((definition) => [definition.name, definition] as const))("%s fires when it should, and only then", (name, definition) => {
    const scenario = scenarios[name];
    if (!scenario) throw new Error(`alerts/scenario.fixture.ts has nothing about ${name}`);
    // TargetMissing has no quiet series of its own: one target of many is never enough.
    const others = name === "ProbeMissing" ? 3 : name === "TargetMissing" ? (scenario.missing ?? 0) : 0;
    const tests = expectedOf(scenario, others).map((expected) => testOf(scenario, name, expected));
    expect(verdict(name, groupOf(definition, scenario.every, watched), tests, scenario.every)).toBe("");
  });

  test("a test that expects the wrong number fails: the judge isn't asleep", () => {
    const [name, scenario] = ["WebsiteDown", scenarios["WebsiteDown"]] as const;
    const definition = definitions.find((one) => one.name === name);
    if (!scenario || !definition) throw new Error("WebsiteDown is gone");
    expect(verdict("asleep", groupOf(definition, scenario.every, watched), [testOf(scenario, name, { what: "fires", series: scenario.fires, firing: 0 })])).toContain("FAILED");
  });

  describe("what the objectives record", () => {
    const byService = 'job="traefik",service="shop",exported_service="shop@docker",protocol="http",method="GET"';
    const recorded = (expression: Expression, value: number | undefined, at = "20m") => ({ expr: expression.text, eval_time: at, exp_samples: value === undefined ? [] : [{ labels: '{service="shop"}', value }] });
    const of = (slo: string): Expression => {
      const rule = recordings(watched).find(({ record, labels }) => record.endsWith("5m") && labels["slo"] === slo && labels["service"] === "shop");
      if (!rule) throw new Error(`the shop records no ${slo}`);
      return rule.expression;
    };
    const none = { name: "none", rules: [] };

    test("is the share of errors, and of answers that were too slow", () => {
      const series = [
        { series: `traefik_service_requests_total{${byService},code="200"}`, values: "0+90x200" },
        { series: `traefik_service_requests_total{${byService},code="500"}`, values: "0+10x200" },
        { series: `traefik_service_request_duration_seconds_count{${byService},code="200"}`, values: "0+100x200" },
        { series: `traefik_service_request_duration_seconds_bucket{${byService},code="200",le="0.5"}`, values: "0+75x200" },
      ];
      expect(verdict("shares", none, [{ interval: "15s", input_series: series, promql_expr_test: [recorded(of("availability"), 0.1), recorded(of("latency"), 0.25)] }])).toBe("");
    });

    test("is 0 while no error ever happened, instead of nothing", () => {
      const series = [{ series: `traefik_service_requests_total{${byService},code="200"}`, values: "0+90x200" }];
      expect(verdict("no-errors", none, [{ interval: "15s", input_series: series, promql_expr_test: [recorded(of("availability"), 0)] }])).toBe("");
    });

    test("is nothing while nobody asks, instead of not a number", () => {
      const series = [{ series: `traefik_service_requests_total{${byService},code="200"}`, values: "90x200" }];
      expect(verdict("nobody", none, [{ interval: "15s", input_series: series, promql_expr_test: [recorded(of("availability"), undefined)] }])).toBe("");
    });
  });

  test.each([
    ["the exporter can't be read", 'up{job="postgres-shop-exporter",exporter="postgres",service="postgres-shop"}', "0x40"],
    ["the port takes no connections", 'probe_success{job="probe-tcp",service="postgres-shop"}', "0x40"],
    ["the exporter says that it is up, and could ask nothing", 'up{job="postgres-shop-exporter",exporter="postgres",service="postgres-shop"}', "1x40"],
  ])("DatabaseUnreachable has more than one eye: %s", (what, series, values) => {
    const definition = definitions.find(({ name }) => name === "DatabaseUnreachable");
    const scenario = scenarios["DatabaseUnreachable"];
    if (!definition || !scenario) throw new Error("DatabaseUnreachable is gone");
    expect(verdict("eyes", groupOf(definition, "10s", watched), [testOf(scenario, definition.name, { what, series: { [series]: values }, firing: 1 })])).toBe("");
  });

  test("BudgetBurnsFast wakes nobody for the few errors of a start, whatever their share", () => {
    const definition = definitions.find(({ name }) => name === "BudgetBurnsFast");
    const scenario = scenarios["BudgetBurnsFast"];
    if (!definition || !scenario) throw new Error("BudgetBurnsFast is gone");
    const series = Object.fromEntries(Object.entries(scenario.fires).map(([of, values]) => [of, of.startsWith("slo:") ? values : "0+3x4 12x2000"]));
    expect(verdict("start", groupOf(definition, scenario.every, watched), [testOf(scenario, definition.name, { what: "a start", series, firing: 0 })], scenario.every)).toBe("");
  });
});

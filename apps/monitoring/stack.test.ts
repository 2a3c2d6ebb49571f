/** What the stack emits around a small platform. */
import { checkEnvironment, emitFiles, jsonLines, resolveEnvironment, route, scrape, service, stack, http, image, type EnvironmentNode } from "@jlam/compose-dsl";
import { load } from "js-yaml";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { deadMansSwitch } from "./alerts/monitoring.ts";
import { coverageOf } from "./coverage/coverage.ts";
import { platform, watchedPlatform } from "./platform.fixture.ts";
import { definitionOf, definitions } from "./alerts/index.ts";
import { inhibitions } from "./routing/inhibitions.ts";
import { runbookPage } from "./runbooks/runbook.ts";
import { dailyCosts } from "./services/costs.ts";
import { scrapeJobs } from "./services/scrape-jobs.ts";
import { keptFields, keptOfSpans } from "./services/collector-configuration.ts";

const filesOf = (environment: EnvironmentNode) => emitFiles(resolveEnvironment(environment));
const files = filesOf(platform());
const text = (path: string, of = files): string => of.get(`files/${path}`) ?? "";

const ScrapeConfiguration = z.object({
  scrape_configs: z.array(
    z.object({
      job_name: z.string(),
      static_configs: z.array(z.object({ targets: z.array(z.string()), labels: z.record(z.string(), z.string()) })),
      metric_relabel_configs: z.array(z.object({ regex: z.string(), target_label: z.string(), replacement: z.string().optional() })).optional(),
    }),
  ),
});
const jobs = (of = files) => ScrapeConfiguration.parse(load(text("prometheus/etc/prometheus/prometheus.yml", of))).scrape_configs;

describe("a new service with a port, a route and objectives", () => {
  const notes = service("notes", {
    owner: "writers",
    image: image("tool", "docker.io/library/tool:1.0", { probe: ["probe"] }),
    ports: { http: 80, metrics: 9100 },
    health: http("http", "/health"),
    metrics: scrape("metrics", "/figures"),
    logs: jsonLines({ level: "level", message: "remark" }),
    objectives: { availability: 0.99, latency: { p95: "2s" } },
    resources: { memory: "64M", cpus: 0.25 },
  });
  const around = { around: [stack("notes", { services: [notes], routes: [route(notes.ports.http, { host: "notes" })] })] };
  const more = filesOf(platform(around));
  const rules = text("prometheus/etc/prometheus/rules.yml", more);

  test("has a scrape job and probes", () => {
    expect(jobs(more).find(({ job_name }) => job_name === "notes")?.static_configs).toEqual([{ targets: ["notes:9100"], labels: { service: "notes", owner: "writers" } }]);
    const asked = jobs(more).filter(({ job_name }) => job_name.startsWith("probe-")).flatMap(({ static_configs }) => static_configs.filter(({ labels }) => labels["service"] === "notes"));
    expect(asked.map(({ labels }) => labels["address"])).toEqual(["https://notes.example.org/", "http://notes:80/health"]);
  });

  test("has error budgets by what it promised", () => {
    expect(rules).toContain('traefik_service_request_duration_seconds_bucket{service="notes",le="2.0"}');
    expect(rules).toContain('slo:sli_error:ratio_rate1h{slo="availability",service="notes"} > 0.144');
  });

  test("is missed when its probe or its job is gone", () => {
    expect(rules).toContain('absent(probe_success{job="probe-public",service="notes",address="https://notes.example.org/"})');
    expect(rules).toContain('absent(up{job="notes",service="notes"})');
  });

  test("has a dashboard, and its requests are counted under its name", () => {
    expect(more.has("files/grafana/var/lib/grafana-dashboards/service-notes.json")).toBe(true);
    expect(jobs(more).find(({ job_name }) => job_name === "traefik")?.metric_relabel_configs).toContainEqual({ regex: "notes(-[a-z0-9-]+)?@.+", target_label: "service", replacement: "notes" });
  });

  test("has its lines collected under its name, with the message where it writes it", () => {
    expect(more.get("notes.yaml")).toContain("nl.jlam.service: notes");
    expect(text("otel-collector/etc/otelcol/config.yaml", more)).toContain('set(log.body, log.attributes["line"]["remark"])');
  });

  test("stands in the runbooks of what can happen to it", () => {
    for (const alert of ["WebsiteDown", "ServiceUnreachable", "BudgetBurnsFast"]) {
      expect(runbookPage(definitionOf(alert), [watchedPlatform(around)], undefined), alert).toMatch(/^\| test \| .*\bnotes\b.* \|$/m);
    }
  });

  test("has no empty cell in the matrix of what is known, and none that only has a reason", () => {
    const cells = coverageOf(watchedPlatform(around)).find(({ name }) => name === "notes")?.cells;
    expect(cells).toEqual({
      liveness: { by: "probe" },
      saturation: { by: "memory and processor of its container" },
      errors: { by: "answers with an error" },
      logs: { by: "collector" },
      dashboard: { by: "one of its own" },
      owner: { by: "writers" },
    });
  });

  test("costs one edit: without it none of these files names it", () => {
    expect([...files].filter(([, content]) => content.includes("notes"))).toEqual([]);
  });
});

describe("the stack", () => {
  test("passes every check of an environment", () => {
    const errors = checkEnvironment(resolveEnvironment(platform())).filter(({ severity }) => severity === "error");
    expect(errors).toEqual([]);
  });

  test("leaves traces out and remembers for a shorter time on a host of 4 GB", () => {
    const lite = filesOf(platform({ memory: "4G" }));
    expect(lite.get("monitoring.yaml")).toContain("--storage.tsdb.retention.time=15d");
    expect(lite.get("monitoring.yaml")).not.toContain("grafana/tempo");
    expect(text("otel-collector/etc/otelcol/config.yaml", lite)).not.toContain("traces");
    expect(files.get("monitoring.yaml")).toContain("grafana/tempo");
  });

  test("publishes no port, and every page of it stands behind the wall", () => {
    const services = [...resolveEnvironment(platform()).services.values()].filter(({ stack: of }) => of === "monitoring");
    expect(services.filter(({ node }) => Object.keys(node.publishes).length > 0)).toEqual([]);
    for (const name of ["prometheus", "alertmanager", "grafana"]) expect(services.find((one) => one.name === name)?.node.signIn?.kind).toBe("forward-auth");
  });

  test("no secret stands in a file or a setting", () => {
    const open = filesOf(platform({ contacts: { mail: "a@example.org", pagerDuty: true, chat: true, deadMansSwitch: true } }));
    const alertmanager = text("alertmanager/etc/alertmanager/alertmanager.yml", open);
    for (const name of ["PAGERDUTY_KEY", "CHAT_WEBHOOK", "DEAD_MANS_SWITCH", "MAIL_PASSWORD"]) expect(alertmanager).toContain(`/run/secrets/${name}`);
  });

  test("each price a month becomes one a day", () => {
    expect(text("node-exporter/textfiles/costs.prom")).toContain('cost_estimated_euros_per_day{resource="server"} 1.0001');
  });
});

describe("inhibitions", () => {
  const rules = inhibitions(watchedPlatform(), definitions);
  const named = (name: string) => rules.find((rule) => rule.name === name);

  test("a database that is down silences what needs it, whatever the severity", () => {
    expect(named("postgres-shop-is-down")?.target_matchers).toEqual(['service=~"shop"', 'category=~"availability|traffic|objectives"']);
  });

  test("a proxy that is down, told to people at work only, silences nothing that wakes somebody", () => {
    expect(named("traefik-is-down")?.target_matchers).toContain('severity!="P1"');
  });

  test("nothing that only waits for working hours overrules what wakes somebody", () => {
    const severity = new Map(definitions.map((definition) => [definition.name, definition.severity]));
    const wrong = definitions.flatMap(({ name, overrules = [] }) => overrules.filter((lesser) => severity.get(name) !== "P1" && severity.get(lesser) === "P1").map((lesser) => `${name} > ${lesser}`));
    expect(wrong).toEqual([]);
  });

  test("every alert that another overrules is there", () => {
    const names = new Set(definitions.map(({ name }) => name));
    expect(definitions.flatMap(({ overrules = [] }) => overrules).filter((name) => !names.has(name))).toEqual([]);
    expect(names.has(deadMansSwitch)).toBe(true);
  });
});

test("no field that could hold what a person typed is let through to the logs", () => {
  expect(keptFields.filter((field) => /user|mail|name$|address|ip|host$|path|query|body|agent|referer/i.test(field) && !["RouterName", "ServiceName", "RequestHost"].includes(field))).toEqual([]);
});

test("no attribute of a span that a client could fill is let through to the traces", () => {
  expect(keptOfSpans.filter((attribute) => /^url\.(path|query|full)|header|user|client|peer|address|message/i.test(attribute))).toEqual([]);
  expect(text("otel-collector/etc/otelcol/config.yaml")).toContain(`keep_keys(span.attributes, ${JSON.stringify(keptOfSpans)})`);
});

test("where a release switches between two colours, every container that answers to the name is read, and none that is gone", () => {
  const [job] = scrapeJobs({ ...watchedPlatform(), probes: [], targets: watchedPlatform().targets.filter(({ runs }) => runs === "shop").map((target) => ({ ...target, coloured: true })) }, { kind: "endpoint", service: "blackbox-exporter", port: "http", number: 9115 });
  expect(job).toMatchObject({ dns_sd_configs: [{ names: ["shop"], type: "A", port: 9464 }] });
  expect(job).not.toHaveProperty("static_configs");
});

test("what is managed elsewhere and has no price is told of, where others have one", () => {
  expect(dailyCosts({ server: 30 }, ["postgres-app"])).toContain('cost_without_price{resource="postgres-app"} 1');
  expect(dailyCosts({ server: 30, "postgres-app": 12 }, ["postgres-app"])).not.toContain("cost_without_price{");
});

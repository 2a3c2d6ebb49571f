/**
 * What monitoring derives as an environment grows, beside `promtool check rules` reading the same rules; and how long the
 * real Prometheus takes to evaluate them.
 *
 *     node bench/monitoring.ts [size…]     10 100 1000 without
 *
 * Prometheus runs from the image that `./jlam images` provides or JLAM_IMAGE_PROMETHEUS names. A program stands in for all
 * targets and probes: each job asks it, and gets `up` and the proxy's counts for every service.
 */
import { mkdtempSync, rmSync, writeFileSync, chmodSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { environment, exec, image, localAuthority, replaceableImages, route, scrape, service, settledSurroundings, stack, type Surroundings } from "@jlam/compose-dsl";
import { dashboardFiles } from "@jlam/monitoring/dashboards";
import { ruleGroups, type RuleGroup } from "@jlam/monitoring/rules";
import { watch } from "@jlam/monitoring/watch";
import { execa } from "execa";
import { z } from "zod";
import { milliseconds, printMachine, printTable } from "./table.ts";

const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [10, 100, 1_000];
/** Seconds that Prometheus has for a first round of all rules, the slowest of which run every half minute. */
const settle = 75;
/** Milliseconds that Prometheus may take to load the rules and start. */
const start = 60_000;

const basis = { owner: "bench", health: exec(["true"]), resources: { memory: "64M", cpus: 0.1 } } as const;

/** A proxy, and so many services that are routed, measured and promised. */
function surroundingsOf(size: number): Surroundings {
  const door = service("traefik", { ...basis, image: image("traefik", "example/traefik:1"), ports: { https: 8443, metrics: 8084 }, publishes: { https: 443 }, metrics: scrape("metrics", "/metrics") });
  const services = Array.from({ length: size }, (_, index) =>
    service(`service-${index}`, { ...basis, image: image("program", "example/program:1"), ports: { http: 3000, metrics: 9464 }, metrics: scrape("metrics", "/metrics"), objectives: { availability: 0.999, latency: { p95: "500ms" } } }),
  );
  const edge = stack("edge", { services: [door], proxy: { service: door, entryPoint: "websecure", directory: "/etc/traefik/dynamic", everyRoute: [] } });
  const all = stack("all", { services, routes: services.map(({ name, ports }) => route(ports.http, { host: name })) });
  return settledSurroundings(
    environment("bench", { domain: "bench.localhost", host: { memory: "1T", cpus: 8 }, range: "10.0.0.0/8", publishing: { address: "127.0.0.1", http: 80, https: 443 }, stacks: [edge, all], provides: [], certificates: localAuthority(), images: replaceableImages }),
  );
}

/** What the rules read of one service: its target, its probes, and the proxy's counts. */
const seriesOf = (name: string, count: number): readonly string[] => [
  `up{job="${name}",service="${name}"} 1`,
  ...["public", "tcp"].map((kind) => `probe_success{job="probe-${kind}",service="${name}",address="https://${name}.bench.localhost/"} 1`),
  ...["200", "500"].map((code) => `traefik_service_requests_total{service="${name}",code="${code}",method="GET"} ${code === "200" ? count : 0}`),
  ...["0.5", "2.0", "+Inf"].map((le) => `traefik_service_request_duration_seconds_bucket{service="${name}",le="${le}"} ${count}`),
  `traefik_service_request_duration_seconds_count{service="${name}"} ${count}`,
];

const answerSchema = z.object({ data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }) });

/** Seconds of all groups' last evaluations together, and the series that Prometheus then had. */
async function evaluated(folder: string, prometheus: string, names: readonly string[]): Promise<{ readonly seconds: number; readonly series: number }> {
  let count = 0;
  const targets = createServer((_, response) => {
    count += 10;
    response.setHeader("content-type", "text/plain; version=0.0.4").end(`${names.flatMap((name) => seriesOf(name, count)).join("\n")}\n`);
  });
  await new Promise<void>((resolve) => targets.listen(0, "127.0.0.1", resolve));
  const bound = targets.address();
  if (bound === null || typeof bound === "string") throw new Error("the stand-in for targets has no port");
  const port = bound.port + 1 > 65_535 ? bound.port - 1 : bound.port + 1;
  writeFileSync(join(folder, "prometheus.yml"), JSON.stringify({ global: { scrape_interval: "10s", scrape_timeout: "9s" }, rule_files: ["rules.yml"], scrape_configs: [{ job_name: "all", honor_labels: true, static_configs: [{ targets: [`127.0.0.1:${bound.port}`] }] }] }));
  const { stdout: container } = await execa("docker", ["run", "--detach", "--network=host", "--label=nl.jlam.bench=monitoring", "--tmpfs=/scratch:mode=1777", `--volume=${folder}:/etc/prometheus:ro`, prometheus, "--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/scratch/data", `--web.listen-address=127.0.0.1:${port}`]);
  const ask = async (query: string): Promise<number> => Number(answerSchema.parse(await (await fetch(`http://127.0.0.1:${port}/api/v1/query?${new URLSearchParams({ query }).toString()}`)).json()).data.result[0]?.value[1]);
  try {
    for (const began = Date.now(); !(await fetch(`http://127.0.0.1:${port}/-/ready`).then(({ ok }) => ok, () => false)); await sleep(500)) {
      if (Date.now() - began > start) throw new Error(`Prometheus isn't ready after ${start / 1000} s: docker logs ${container}`);
    }
    // Prometheus tells of its own rules only when it reads itself; its page of rules tells at once.
    await sleep(settle * 1000);
    const rulesSchema = z.object({ data: z.object({ groups: z.array(z.object({ evaluationTime: z.number() })) }) });
    const { data: { groups } } = rulesSchema.parse(await (await fetch(`http://127.0.0.1:${port}/api/v1/rules`)).json());
    return { seconds: groups.reduce((sum, { evaluationTime }) => sum + evaluationTime, 0), series: await ask('count({__name__=~".+"})') };
  } finally {
    await execa("docker", ["rm", "--force", "--volumes", container]);
    targets.close();
  }
}

const rulesIn = (groups: readonly RuleGroup[]): number => groups.reduce((sum, { rules }) => sum + rules.length, 0);

/** The image that this machine has: the given one, or the newest that was built here. */
async function prometheusImage(): Promise<string> {
  const given = process.env["JLAM_IMAGE_PROMETHEUS"];
  if (given !== undefined) return given;
  const { stdout } = await execa("docker", ["images", "--format", "{{.Repository}}:{{.Tag}}", "jlam-packages/prometheus"]);
  const [newest] = stdout.split("\n");
  if (newest === undefined || newest === "") throw new Error("There is no image of Prometheus on this machine: `./jlam images build prometheus` makes one, or name one in JLAM_IMAGE_PROMETHEUS.");
  return newest;
}

printMachine();
const prometheus = await prometheusImage();
const rows: string[][] = [];
for (const size of sizes) {
  const folder = mkdtempSync(join(tmpdir(), "jlam-bench-monitoring-"));
  try {
    const began = performance.now();
    const watched = watch(surroundingsOf(size));
    const groups = ruleGroups(watched);
    const text = JSON.stringify({ groups });
    const dashboards = Object.values(dashboardFiles(watched)).map(({ content }) => (content.kind === "deferred" ? content.text() : ""));
    const derived = performance.now() - began;
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, "rules.yml"), text);
    const checking = performance.now();
    await execa("docker", ["run", "--rm", `--volume=${folder}:/rules:ro`, "--entrypoint=promtool", prometheus, "check", "rules", "--lint=none", "/rules/rules.yml"]);
    const checked = performance.now() - checking;
    const { seconds, series } = await evaluated(folder, prometheus, watched.parts.map(({ name }) => name));
    rows.push([String(size), milliseconds(derived), String(rulesIn(groups)), String(dashboards.filter((text) => text !== "").length), String(watched.targets.length + watched.probes.length), milliseconds(checked), String(series), milliseconds(seconds * 1000)]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
printTable(["services", "derive", "rules", "dashboards", "targets and probes", "promtool check rules", "series", "all rules once"], rows);

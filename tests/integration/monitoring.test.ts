/** The running monitoring: what the catalogues know is there, what panels ask is answered, lines arrive, and nothing personal does. */
import { randomUUID } from "node:crypto";
import { settledSurroundings } from "@jlam/compose-dsl";
import { catalogues } from "@jlam/monitoring/catalogue";
import { allDashboards } from "@jlam/monitoring/dashboards";
import { watch } from "@jlam/monitoring/watch";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { z } from "zod";
import { ci, inspect } from "./stack/environment.ts";
import { ask } from "./stack/https.ts";
import { until } from "./stack/until.ts";

const address = async (service: string, port: number): Promise<string> => {
  const { NetworkSettings: { Networks: networks } } = await inspect(service);
  return `http://${Object.values(networks)[0]?.IPAddress ?? ""}:${port}`;
};
const leftOut = new Set(inject("leftOut").map(({ service }) => service));
const noLogs = ["loki", "otel-collector"].find((service) => leftOut.has(service));

/** There only once something went wrong, or was done: nothing is wrong with a platform that lacks them. */
const onlyAfterwards: readonly (readonly [pattern: RegExp, because: string])[] = [
  [/^(forged_identity_headers|sign_in_failures)_total$/, "nobody has tried to get in"],
  [/^otelcol_exporter_send_failed|^loki_discarded/, "nothing was refused"],
  [/^slo:/, "made of the last minutes and days of traffic"],
  [/^(cost_estimated|image_update)/, "nobody gave this environment a price, or an update"],
  [/^backup_/, "told by backups that were made"],
  [/^pg_stat_activity_max_tx_duration$/, "nobody has a transaction open"],
];

const seriesSchema = z.object({ data: z.array(z.string()) });
const resultSchema = z.object({ status: z.literal("success"), data: z.object({ result: z.array(z.unknown()) }) });

describe("Prometheus", () => {
  let prometheus: string;
  beforeAll(async () => {
    prometheus = await address("prometheus", 9090);
  });

  const names = async (): Promise<ReadonlySet<string>> => new Set(seriesSchema.parse(await (await fetch(`${prometheus}/api/v1/label/__name__/values`)).json()).data);
  const watched = watch(settledSurroundings(ci.node));
  const here = new Set(watched.targets.filter(({ runs }) => !leftOut.has(runs)).flatMap(({ exporter }) => exporter ?? []));

  test("has every metric that the catalogues know of the exporters that run here", { timeout: 120_000 }, async () => {
    const expected = catalogues
      .filter(({ exporter }) => here.has(exporter))
      .flatMap(({ metrics }) => Object.values(metrics).map(({ name, kind }) => (kind === "histogram" ? `${name}_count` : name)))
      .filter((name) => !onlyAfterwards.some(([pattern]) => pattern.test(name)));
    expect(expected.length).toBeGreaterThan(40);
    // Each is scraped every quarter of a minute, the Collector's after as long again.
    await until(async () => { const known = await names(); return expected.filter((name) => !known.has(name)); }, (missing) => missing.length === 0, 90_000);
  });

  test("answers every query of every panel, with figures where the panel gives no reason for having none", { timeout: 120_000 }, async ({ annotate }) => {
    const panels = allDashboards(watched).flatMap(({ title, rows }) => rows.flatMap(({ panels: of }) => of.flatMap((panel) => (panel.kind === "log" ? [] : [{ title: `${title}: ${panel.title}`, panel }]))));
    const silent: string[] = [];
    for (const { title, panel } of panels) {
      const results = await Promise.all(
        panel.queries.map(async ({ expression }) => {
          const query = expression.text.replaceAll("$__rate_interval", "1m");
          return resultSchema.parse(await (await fetch(`${prometheus}/api/v1/query?${new URLSearchParams({ query }).toString()}`)).json()).data.result.length;
        }),
      );
      if (results.every((count) => count === 0) && panel.emptyBecause === undefined) silent.push(title);
    }
    await annotate(`${panels.length} panels asked, ${silent.length} had nothing to show yet${silent.length === 0 ? "" : `: ${silent.join("; ")}`}`);
    expect(panels.length).toBeGreaterThan(40);
    expect(silent.length / panels.length).toBeLessThan(0.2);
  });
});

describe.skipIf(noLogs !== undefined && process.env["JLAM_REQUIRE_ALL"] !== "1")(`the log pipeline${noLogs === undefined ? "" : ` (not run: no image for ${noLogs} here; \`jlam images build loki opentelemetry-collector\` makes them)`}`, () => {
  const lokiSchema = z.object({ data: z.object({ result: z.array(z.object({ stream: z.record(z.string(), z.string()), values: z.array(z.tuple([z.string(), z.string()]).rest(z.unknown())) })) }) });
  const linesSince = async (began: number, selector: string) => {
    const query = new URLSearchParams({ query: selector, start: `${began}000000`, limit: "5000" });
    return lokiSchema.parse(await (await fetch(`${await address("loki", 3100)}/loki/api/v1/query_range?${query.toString()}`)).json()).data.result;
  };

  test("finds a line of the web application by its service label within seconds", async ({ annotate }) => {
    const began = Date.now();
    await ask("/");
    const { took } = await until(async () => await linesSince(began, '{service_name="web"}'), (streams) => streams.length > 0, 30_000);
    await annotate(`a line of the web application was in Loki after ${took} ms`);
  });

  test("keeps three labels, none of them about a person", async () => {
    const labels = seriesSchema.parse(await (await fetch(`${await address("loki", 3100)}/loki/api/v1/labels`)).json()).data;
    expect(labels.filter((name) => !name.startsWith("__")).sort()).toEqual(["deployment_environment_name", "level", "service_name"]);
  });

  test("lets nothing personal through, in lines, fields or series", async () => {
    const began = Date.now();
    const [name, mail, number] = [`Jansen${randomUUID().slice(0, 8)}`, `p${randomUUID().slice(0, 8)}@example.org`, "111222333"];
    for (const path of [`/?naam=${name}`, `/${number}`, `/auth/login?login_hint=${mail}`, `/diary/${name}`]) {
      await ask(path, { headers: [["user-agent", `${name} ${mail}`], ["referer", `https://example.org/${number}`], ["x-remarks", `${mail} ${number}`]] });
    }
    await ask("/diary", { method: "POST", headers: [["content-type", "application/x-www-form-urlencoded"]], body: `note=${name}+${mail}+${number}` });
    await until(async () => await linesSince(began, '{service_name="traefik"}'), (streams) => streams.length > 0, 30_000);
    const everything = JSON.stringify(await linesSince(began, '{service_name=~".+"}'));
    const prometheus = await (await fetch(`${await address("prometheus", 9090)}/api/v1/series?${new URLSearchParams({ "match[]": '{job=~".+"}' }).toString()}`)).text();
    for (const personal of [name, mail, number]) {
      expect(everything.includes(personal), `${personal} in a log`).toBe(false);
      expect(prometheus.includes(personal), `${personal} in a series`).toBe(false);
    }
    expect(everything).toContain("traefik");
  });
});

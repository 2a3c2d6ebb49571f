/** The running monitoring: what the catalogues know is there, what panels ask is answered, lines arrive, and nothing personal does. */
import { randomUUID } from "node:crypto";
import { machines, settledSurroundings } from "@jlam/compose-dsl";
import { catalogues } from "@jlam/monitoring/catalogue";
import { allDashboards } from "@jlam/monitoring/dashboards";
import { watch } from "@jlam/monitoring/watch";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { z } from "zod";
import { secretPaths } from "../../tools/jlam/src/secrets/provide.ts";
import { readStore } from "../../tools/jlam/src/secrets/store.ts";
import { repositoryRoot } from "../../tools/jlam/src/synth/platform.ts";
import { ci, inspect } from "./stack/environment.ts";
import { ask, domain } from "./stack/https.ts";
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
  [/^(cost_|image_update)/, "nobody gave this environment a price, or an update"],
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

  const panels = allDashboards(watched).flatMap(({ title, uid, rows }) => rows.flatMap(({ panels: of }) => of.flatMap((panel) => (panel.kind === "log" ? [] : [{ title: `${title}: ${panel.title}`, uid, panel }]))));
  const isEmpty = async ({ panel }: (typeof panels)[number]): Promise<boolean> => {
    const counts = await Promise.all(
      panel.queries.map(async ({ expression }) => {
        const query = expression.text.replaceAll("$__rate_interval", "1m");
        return resultSchema.parse(await (await fetch(`${prometheus}/api/v1/query?${new URLSearchParams({ query }).toString()}`)).json()).data.result.length;
      }),
    );
    return counts.every((count) => count === 0);
  };
  /** Why a panel may have nothing to show here: what it says itself, or the service or exporter that has no image here. */
  const reasonFor = ({ uid, panel }: (typeof panels)[number]): string | undefined => {
    if (panel.emptyBecause !== undefined) return panel.emptyBecause;
    const about = [...leftOut].find((service) => uid === `service-${service}`);
    if (about !== undefined) return `${about} has no image here`;
    const read = new Set(panel.queries.flatMap(({ expression }) => expression.metrics));
    const from = catalogues.filter(({ metrics }) => Object.keys(metrics).some((name) => read.has(name) || read.has(`${name}_bucket`) || read.has(`${name}_count`)));
    return from.length > 0 && from.every(({ exporter }) => exporterless.has(exporter)) ? `no image here for what tells ${from.map(({ exporter }) => exporter).join(", ")}` : undefined;
  };
  const exporterless = new Set(watched.targets.filter(({ runs, exporter }) => leftOut.has(runs) && exporter !== undefined && !here.has(exporter)).map(({ exporter }) => exporter));

  test("answers every query of every panel, with figures where no reason for having none is named", { timeout: 240_000 }, async ({ annotate }) => {
    await ask("/");
    const reasons: string[] = [];
    let open = panels;
    // A rate needs two readings, a recorded ratio some more.
    await until(
      async () => {
        const empty = await Promise.all(open.map(async (one) => ((await isEmpty(one)) ? [one] : [])));
        open = empty.flat();
        return open.filter((one) => reasonFor(one) === undefined).map(({ title }) => title);
      },
      (silent) => silent.length === 0,
      120_000,
    );
    reasons.push(...open.map((one) => `${one.title} (${reasonFor(one) ?? ""})`));
    await annotate(`${panels.length} panels asked, ${reasons.length} with a reason to be empty: ${reasons.join("; ")}`);
    expect(panels.length).toBeGreaterThan(40);
  });
});

describe("a program with the password of the environment", () => {
  const withPassword = (user: string, password: string) => ({ headers: [["authorization", `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`]] }) as const;
  const password = (): string => readStore(secretPaths(repositoryRoot, ci.name).store).values["machine-password"]?.value ?? "";

  test("gets figures and alerts without signing in", async () => {
    const figures = await ask("/api/v1/query?query=up", withPassword(machines.user, password()), `metrics.${domain}`);
    expect(figures.status).toBe(200);
    expect(resultSchema.parse(JSON.parse(figures.text)).data.result.length).toBeGreaterThan(0);
    expect((await ask("/api/v2/status", withPassword(machines.user, password()), `alerts.${domain}`)).status).toBe(200);
  });

  test.each([
    ["a wrong password", "machine", "wrong"],
    ["no password", "machine", ""],
    ["another name", "somebody", undefined],
  ])("is refused with %s, and not sent to sign in", async (_, user, given) => {
    for (const host of ["metrics", "alerts"]) {
      const answer = await ask("/api/v1/query?query=up", withPassword(user, given ?? password()), `${host}.${domain}`);
      expect(answer.status).toBe(401);
      expect(answer.headers["location"]).toBeUndefined();
    }
  });

  test("is the only one: who brings none is sent to sign in, and elsewhere the password opens nothing", async () => {
    expect((await ask("/api/v1/query?query=up", {}, `metrics.${domain}`)).status).toBe(302);
    expect((await ask("/diary", withPassword(machines.user, password()))).status).not.toBe(200);
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

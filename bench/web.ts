/**
 * What members wait for: the diary's page and its API through Traefik with TLS, at the arrival rate of 10,000 members'
 * busiest hour, beside the same routes asked without Traefik; then pages in Chromium as a slow phone would load them.
 * Boots environment ci first, and leaves it as it was found.
 *
 *     node bench/web.ts [seconds]
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { resolveEnvironment } from "@jlam/compose-dsl";
import ci from "@jlam/environment-ci";
import { launchChromium, servedKey } from "@jlam/test-browser/chromium";
import { Agent, Pool, type Dispatcher } from "undici";
import { makeMember } from "./members.ts";
import { openLoop, percentile, type Sample, type Target } from "./open-loop.ts";
import { pageRows } from "./page-load.ts";
import { milliseconds, printMachine, printTable } from "./table.ts";

/**
 * An assumption, and a high one: every one of 10,000 members opens the diary on the same day; a fifth of them in its
 * busiest hour, after dinner; each makes 10 requests (page, sign-in and back, diary, one entry, diary, what they show);
 * and a reminder lets three times as many come in its worst minutes as in the hour's mean.
 */
const assumed = { members: 10_000, busiestHour: 0.2, requestsPerVisit: 10, worstMinutes: 3 } as const;
const rate = Math.ceil((assumed.members * assumed.busiestHour * assumed.requestsPerVisit * assumed.worstMinutes) / 3600);

/** Ways are asked one after the other in windows of this many seconds, so that each sees the same machine. */
const window = 10;

const root = resolve(import.meta.dirname, "..");
const jlam = join(root, "jlam");
const seconds = Number(process.argv[2] ?? 60);
const environment = resolveEnvironment(ci);
const { domain, publishing } = environment.node;
const site = `https://${domain}:${publishing.https}`;
const container = (format: string): string =>
  execFileSync("docker", ["ps", "--filter", "label=nl.jlam.environment=ci", "--filter", "label=nl.jlam.service=web", "--format", format], { encoding: "utf8" }).trim();

const ran = container("{{.ID}}") !== "";
if (!ran) execFileSync(jlam, ["up", "ci", "--yes"], { stdio: "inherit" });
try {
  await measure();
} finally {
  if (!ran) execFileSync(jlam, ["down", "ci", "--volumes", "--yes"], { stdio: "inherit" });
}

async function measure(): Promise<void> {
  const authority = readFileSync(join(root, ".jlam", "certificates", domain, "authority.pem"), "utf8");
  const toLoopback = new Agent({ connect: { ca: authority, lookup: (_, options, done) => (options.all ? done(null, [{ address: publishing.address, family: 4 }]) : done(null, publishing.address, 4)) } });
  const members = await Promise.all(["een", "twee", "drie", "vier"].map((name) => makeMember(toLoopback, site, `meting-${name}`)));
  const direct = new Pool(`http://${webAddress()}:3000`, { connections: 64 });
  const pooled = new Pool(site, { connections: 64, connect: { ca: authority, servername: domain, lookup: (_, options, done) => (options.all ? done(null, [{ address: publishing.address, family: 4 }]) : done(null, publishing.address, 4)) } });
  const ways = [
    { name: "through Traefik, TLS", targets: targetsOf(pooled, members) },
    { name: "Fastify alone", targets: targetsOf(direct, members) },
  ];

  const samples = new Map<string, Sample[]>(ways.map(({ name }) => [name, []]));
  for (const { targets } of ways) await openLoop(targets, rate, 3);
  for (let done = 0; done < seconds; done += window) {
    for (const { name, targets } of ways) samples.get(name)?.push(...(await openLoop(targets, rate, window)));
  }
  printMachine();
  console.log(`${rate} requests a second (10,000 members' busiest hour), ${seconds} s each way\n`);
  printTable(["route", "way", "requests", "failed", "p50", "p95", "p99", "max"], [...samples].flatMap(([way, all]) => ["GET /dagboek", "GET /api/dagboek"].map((route) => row(route, way, all.filter(({ target }) => target === route)))));
  await Promise.all([direct.close(), pooled.close(), toLoopback.close()]);

  const browser = await launchChromium(domain, await servedKey({ domain, port: publishing.https, authority }));
  try {
    console.log("");
    printTable(["page", "profile", "loads", "first paint p50", "loaded p50", "loaded max", "bytes"], await pageRows(browser, site, members[0] ?? ""));
  } finally {
    await browser.close();
  }
}

/** Its address on the network where Traefik asks it; the host reaches that too, on Linux. */
function webAddress(): string {
  const format = `{{(index .NetworkSettings.Networks "jlam-ci-traefik--web").IPAddress}}`;
  return execFileSync("docker", ["inspect", "--format", format, container("{{.ID}}")], { encoding: "utf8" }).trim();
}

function targetsOf(dispatcher: Dispatcher, members: readonly string[]): readonly Target[] {
  let turn = 0;
  const get = (path: string, mark: string): Target => ({
    name: `GET ${path}`,
    async ask() {
      turn += 1;
      const cookie = members[Math.floor(turn / 2) % members.length] ?? "";
      const { statusCode, body } = await dispatcher.request({ path, method: "GET", headers: { host: `${domain}:${publishing.https}`, cookie, "accept-encoding": "gzip" } });
      const bytes = await body.arrayBuffer();
      return statusCode === 200 && bytes.byteLength > mark.length;
    },
  });
  return [get("/dagboek", "<svg"), get("/api/dagboek", "dagen")];
}

function row(route: string, way: string, samples: readonly Sample[]): readonly string[] {
  const latencies = samples.map(({ latency }) => latency);
  const shown = [0.5, 0.95, 0.99, 1].map((part) => milliseconds(percentile(latencies, part)));
  return [route, way, String(samples.length), String(samples.filter(({ good }) => !good).length), ...shown];
}

/**
 * Releases and rollbacks while visitors come: this platform beside `docker compose up -d`, a Swarm rolling update and,
 * where its script is given, docker-rollout. One image, one Traefik, one load; one way after the other, on hosts that
 * the benchmark makes (needs root). The watch window is 4 s instead of 5 minutes: nothing that is measured waits for it.
 *
 *     node bench/release.ts [--releases 20] [--peers 20] [--rate 100] [--rollout PATH]
 */
import { parseArgs } from "node:util";
import { setTimeout as sleep } from "node:timers/promises";
import { emptyHost, openWorkshop, type Workshop } from "@jlam/tests/release-bed/bed";
import { domain } from "@jlam/tests/release-bed/environment";
import { startLoad, type Load } from "@jlam/tests/release-bed/load";
import { makePeers, type Way } from "./release/peers.ts";
import { seenOf, type Seen, type Switch } from "./release/switches.ts";
import { milliseconds, printMachine, printTable } from "./table.ts";

const { values } = parseArgs({ options: { releases: { type: "string", default: "20" }, peers: { type: "string", default: "20" }, rate: { type: "string", default: "100" }, rollout: { type: "string" } } });
const [releases, peerReleases, rate] = [Number(values.releases), Number(values.peers), Number(values.rate)];
/** Between two commands, so that what one does to visitors isn't counted with the next. Milliseconds. */
const rest = 4000;

interface Measured {
  readonly name: string;
  readonly count: number;
  readonly seen: Seen;
}

const workshop = await openWorkshop();
try {
  const measured = [await ours(), ...(await theirs())];
  printMachine();
  console.log(`${measured.reduce((sum, { seen }) => sum + seen.requests, 0)} requests, ${rate} a second and six streams\n`);
  printTable(["way", "releases and rollbacks", "requests", "failed", "longest gap", "near a switch p50", "p95", "p99", "released p50", "p95", "rolled back p50", "p95"], measured.map(row));
  if (values.rollout === undefined) console.log("\ndocker-rollout: not run, its script is not given");
} finally {
  await workshop.close();
}

/** The same release again and again would be nothing new: each is a version of its own, and each rollback returns to version 1. */
async function repeated(name: string, load: Load, count: number, release: (version: number) => Promise<void>, rollback: () => Promise<void>): Promise<Measured> {
  const switches: Switch[] = [];
  await sleep(rest);
  for (let version = 2; version < count + 2; version += 1) {
    switches.push({ action: "release", at: load.now(), from: 1, to: version });
    await release(version);
    await sleep(rest);
    switches.push({ action: "rollback", at: load.now(), from: version, to: 1 });
    await rollback();
    await sleep(rest);
    console.error(`${name}: ${version - 1} of ${count}`);
  }
  await load.stop();
  const measured = { name, count, seen: seenOf(load.visits, switches) };
  // What comes after may fail.
  console.error(row(measured).join(" | "));
  return measured;
}

function visitorsOf(address: string): Load {
  return startLoad({ address, domain, authority: workshop.secrets.authority.certificate, rate, most: 1_000_000 });
}

async function ours(): Promise<Measured> {
  const host = await emptyHost(workshop, { number: 20 });
  try {
    await host.deploy(await workshop.delivery(1));
    const finished = (end: string, why: unknown): void => {
      if (end !== "finished") throw new Error(`it ended as ${end}: ${JSON.stringify(why)}`);
    };
    const made = await versions(workshop, releases);
    return await repeated("jlam deploy, jlam rollback", visitorsOf(host.machine.address), releases, async (version) => {
      const { result } = await host.deploy(made[version] ?? (await workshop.delivery(version)));
      finished(result.end, result.reasons);
    }, async () => {
      const { result } = await host.rollback();
      finished(result.end, result.reasons);
    });
  } finally {
    await host.remove();
  }
}

/** Builds and pushes before anything is measured; by version. */
async function versions({ delivery }: Workshop, count: number): Promise<readonly Awaited<ReturnType<Workshop["delivery"]>>[]> {
  const made = [];
  for (let version = 0; version < count + 2; version += 1) made.push(await delivery(version));
  return made;
}

async function theirs(): Promise<readonly Measured[]> {
  const digests = (await versions(workshop, peerReleases)).map(({ release }) => release.images[`${workshop.application}:release`] ?? "");
  const peers = await makePeers(workshop, values.rollout);
  try {
    const measured: Measured[] = [];
    for (const way of peers.ways) measured.push(await peer(way, peers.machine.address, digests));
    return measured;
  } finally {
    await peers.remove();
  }
}

async function peer({ name, begin, change, end }: Way, address: string, digests: readonly string[]): Promise<Measured> {
  await begin(digests[1] ?? "");
  await sleep(rest);
  const measured = await repeated(name, visitorsOf(address), peerReleases, (version) => change(digests[version] ?? ""), () => change(digests[1] ?? ""));
  await end();
  return measured;
}

function row({ name, count, seen: { requests, failed, longestGap, latency, served, back } }: Measured): readonly string[] {
  // "Rule of three": without a failure in n requests, the rate is below 3 / n with 95 % confidence.
  const failures = failed === 0 ? `0 (below ${((300 / requests)).toFixed(3)} %)` : `${failed} (${((100 * failed) / requests).toFixed(2)} %)`;
  return [name, `${count} and ${count}`, String(requests), failures, ...[longestGap, latency.p50, latency.p95, latency.p99, served.p50, served.p95, back.p50, back.p95].map(milliseconds)];
}

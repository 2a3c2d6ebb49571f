/** Announcements before the real Alertmanager, with a webhook as the person who is told. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { settledSurroundings } from "@jlam/compose-dsl";
import { settling } from "@jlam/monitoring/announcements";
import { watch } from "@jlam/monitoring/watch";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { recipeBuilder } from "../images/build.ts";
import { readRecipes } from "../images/recipe.ts";
import { ensureEngine } from "../machine/engine.ts";
import { loadEnvironment, repositoryRoot } from "../synth/platform.ts";
import { releaseAnnouncer } from "./announce-release.ts";
import { announce, endAnnouncement, isAnnouncement, reasonOf, type Announced } from "./announce.ts";
import { throughContainer, Unanswered, type Ask } from "./ask.ts";
import type { Reachable } from "./reach.ts";
import { listSilences } from "./silences.ts";

const label = `nl.jlam.test=${randomUUID()}`;
const folder = mkdtempSync(join(tmpdir(), "jlam-announce-"));
const delivery = z.object({ alerts: z.array(z.object({ labels: z.record(z.string(), z.string()) })) });

/** `alertname service environment` of everything that was delivered. */
const delivered: string[] = [];
const inbox = createServer((request, response) => {
  void text(request).then((body) => {
    delivered.push(...delivery.parse(JSON.parse(body)).alerts.map(({ labels }) => `${labels["alertname"] ?? ""} ${labels["service"] ?? ""} ${labels["environment"] ?? ""}`));
    response.end();
  });
});

let ask: Ask;
let container: string;
let announced: Announced;

beforeAll(async () => {
  await ensureEngine({ yes: true, say: () => undefined });
  const { image } = await recipeBuilder(readRecipes(repositoryRoot), () => undefined)("alertmanager");
  const gateway = (await execa("docker", ["network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}"])).stdout;
  await new Promise<void>((resolve) => inbox.listen(0, gateway, resolve));
  const { port } = inbox.address() as AddressInfo;
  writeFileSync(
    join(folder, "alertmanager.yml"),
    JSON.stringify({ route: { receiver: "inbox", group_by: ["..."], group_wait: "0s", group_interval: "1s" }, receivers: [{ name: "inbox", webhook_configs: [{ url: `http://${gateway}:${port}/` }] }] }),
    { mode: 0o444 },
  );
  container = (await execa("docker", ["run", "--detach", "--label", label, "--tmpfs", "/alertmanager:uid=65534,gid=65534", "--volume", `${folder}/alertmanager.yml:/etc/alertmanager/alertmanager.yml:ro`, image])).stdout;
  ask = throughContainer(container, 9093);
  await until(async () => await ask({ path: "/-/ready" }).then(({ status }) => status === 200, () => false));
  const environment = await loadEnvironment("ci");
  announced = { watched: watch(settledSurroundings(environment.node)), services: ["web"], expected: "no-interruption", atMost: 600_000, who: "ops@example.org", why: "a new version" };
});

afterAll(async () => {
  await execa("docker", ["rm", "--force", "--volumes", container]);
  inbox.closeAllConnections();
  inbox.close();
  rmSync(folder, { recursive: true });
});

const addressOf = async (id: string): Promise<string> => (await execa("docker", ["inspect", "--format", "{{.NetworkSettings.Networks.bridge.IPAddress}}", id])).stdout;

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error("did not come about in 30 s");
    await sleep(100);
  }
}

async function fire(alertname: string, service: string, environment = "ci"): Promise<void> {
  const { status } = await ask({ method: "POST", path: "/api/v2/alerts", json: [{ labels: { alertname, service, environment }, startsAt: new Date().toISOString(), endsAt: new Date(Date.now() + 600_000).toISOString() }] });
  expect(status).toBe(200);
}

describe("a release", () => {
  const host = (running: boolean): Reachable => ({
    name: "a host",
    copies: async () => (running ? [{ name: "alertmanager", status: "running", health: "healthy", exitCode: 0, outOfMemory: false, restarts: 0, image: "", addresses: { bridge: await addressOf(container) } }] : []),
    door: async (address, port) => ({ host: address, port, close: async () => undefined }),
  });
  const releaseOf = async (report: (line: string) => void) =>
    releaseAnnouncer({ environment: await loadEnvironment("ci"), expected: "no-interruption", services: new Set(["web", "web-migrate"]), who: "ops@example.org", why: "deploy 4f1d09a2", report });

  test("announces what it touches and is probed, and ends that when it is done", async () => {
    const told: string[] = [];
    const end = await (await releaseOf((line) => told.push(line)))(host(true));
    const mine = async () => (await listSilences(ask)).find((silence) => reasonOf(silence) === "deploy 4f1d09a2");
    const begun = await mine();
    expect(begun?.matchers.map(({ name, value }) => [name, value])).toEqual(expect.arrayContaining([["environment", "ci"], ["service", "web"]]));
    await end(host(true));
    expect((await mine())?.until.getTime()).toBeLessThan(Date.now() + settling.ms + 1000);
    expect(told).toEqual([]);
    await endAnnouncement(ask, begun?.id ?? "", { now: true });
  });

  test("goes on where no Alertmanager runs, and says that nothing waits", async () => {
    const told: string[] = [];
    const end = await (await releaseOf((line) => told.push(line)))(host(false));
    await end(host(false));
    expect(told).toEqual(["Not announced, so its alerts don't wait: alertmanager does not run on a host"]);
  });
});

describe("an announcement", () => {
  test("holds back the alerts that it explains, of its services and no other, and lets them through when it ends", { timeout: 60_000 }, async () => {
    const id = await announce(ask, announced);
    await fire("ServiceUnreachable", "web");
    await fire("ServiceUnreachable", "web", "staging");
    await fire("ServiceUnreachable", "traefik");
    await fire("WebsiteDown", "web");
    // What was sent later has arrived, so the first would have.
    await until(() => ["ServiceUnreachable web staging", "ServiceUnreachable traefik ci", "WebsiteDown web ci"].every((alert) => delivered.includes(alert)));
    expect(delivered).not.toContain("ServiceUnreachable web ci");
    const alerts = z.array(z.object({ labels: z.record(z.string(), z.string()), status: z.object({ state: z.string(), silencedBy: z.array(z.string()) }) })).parse(JSON.parse((await ask({ path: "/api/v2/alerts" })).body));
    expect(alerts.filter(({ status }) => status.state === "suppressed").map(({ labels, status }) => [labels["environment"], labels["service"], status.silencedBy])).toEqual([["ci", "web", [id]]]);

    await endAnnouncement(ask, id, { now: true });
    await until(() => delivered.includes("ServiceUnreachable web ci"));
    expect((await listSilences(ask)).map((silence) => silence.id)).not.toContain(id);
  });

  test("says who and why, and holds back what wakes people too where downtime is announced", async () => {
    const before = delivered.length;
    const id = await announce(ask, { ...announced, services: ["redis-sessions"], expected: "downtime" });
    const found = (await listSilences(ask)).find((silence) => silence.id === id);
    expect(found && { state: found.state, who: found.who, reason: reasonOf(found), announced: isAnnouncement(found) }).toEqual({ state: "active", who: "ops@example.org", reason: "a new version", announced: true });
    // The web application can't work without its sessions.
    await fire("ErrorRateHigh", "web");
    await fire("CacheUnreachable", "redis-sessions");
    await fire("DataLossSuspected", "redis-sessions");
    await until(() => delivered.length > before);
    expect(delivered.slice(before)).toEqual(["DataLossSuspected redis-sessions ci"]);
    await endAnnouncement(ask, id, { now: true });
  });

  test("goes on for a minute when its work is done, unless it ends before", async () => {
    const [long, short] = [await announce(ask, announced), await announce(ask, { ...announced, atMost: 30_000 })];
    const began = Date.now();
    await endAnnouncement(ask, long);
    await endAnnouncement(ask, short);
    const ends = new Map((await listSilences(ask)).map(({ id, until: end }) => [id, end.getTime() - began]));
    expect(ends.get(long)).toBeGreaterThanOrEqual(settling.ms);
    expect(ends.get(long)).toBeLessThan(settling.ms + 10_000);
    expect(ends.get(short)).toBeLessThanOrEqual(30_000);
    await endAnnouncement(ask, "no such announcement");
  });

  test("is refused in words where no Alertmanager answers", async () => {
    await expect(announce(throughContainer(container, 9), announced)).rejects.toThrow(Unanswered);
    await expect(announce(throughContainer("jlam-no-such-container", 9093), announced)).rejects.toThrow("No such container");
  });
});

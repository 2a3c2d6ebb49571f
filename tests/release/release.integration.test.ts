/**
 * A release and a rollback on a host that the test makes, under load: nothing may be lost, and no old version may answer
 * after the new one. The same load over `docker compose up -d` loses requests, or the meter is broken.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { emptyHost, openWorkshop, visitorAt, type ReleaseHost, type Told, type Workshop } from "./bed/bed.ts";
import { domain } from "./bed/environment.ts";
import { hostMissing } from "./bed/host.ts";
import { startLoad, type Load } from "./bed/load.ts";
import { reportOf, type LoadReport } from "./bed/report.ts";

/** Requests per second, and never more than these in all: what two busy cores bear beside the rest. */
const load = { rate: 60, most: 12_000 };

describe.skipIf(hostMissing !== undefined && process.env["JLAM_REQUIRE_ALL"] !== "1")(`a release on an empty host${hostMissing === undefined ? "" : ` (${hostMissing})`}`, () => {
  let workshop: Workshop;
  let host: ReleaseHost;
  let first: Told;

  beforeAll(async () => {
    workshop = await openWorkshop();
    host = await emptyHost(workshop, { number: 1 });
    first = await host.deploy(await workshop.delivery(1));
  });

  afterAll(async () => {
    await host.remove();
    await workshop.close();
  });

  const visit = (): Load => startLoad({ address: host.machine.address, domain, authority: workshop.secrets.authority.certificate, ...load });

  test("the first deploy brings everything, by the same steps", () => {
    expect(first.result.reasons).toEqual([]);
    expect(first.result.end).toBe("finished");
    expect(first.story.map(({ step }) => step)).toEqual(["preflight", "upload", "pull", "set", "services", "migrate", "start", "healthy", "smoke", "switch", "confirm", "drain", "watch", "finish"]);
  });

  describe("while visitors come", () => {
    let second: Told;
    let back: Told;
    let report: LoadReport;
    let orders: { readonly orders: readonly string[]; readonly attempts: number };
    let running: Load;

    beforeAll(async () => {
      const delivery = await workshop.delivery(2);
      running = visit();
      await untilVisited(running, 60);
      second = await host.deploy(delivery);
      expect(second.result).toMatchObject({ end: "finished", reasons: [] });
      // What was there before needs nothing but the host.
      await workshop.registry.stop();
      back = await host.rollback().finally(() => workshop.registry.start());
      await untilVisited(running, running.visits.length + 60);
      await running.stop();
      report = reportOf(running.visits, [1, 2, 1]);
      orders = JSON.parse(await visitorAt(host, workshop)("/orders")) as typeof orders;
    });

    test("the second release and the rollback finish", () => {
      expect([...second.result.reasons, ...back.result.reasons]).toEqual([]);
      expect([second.result.end, back.result.end]).toEqual(["finished", "finished"]);
    });

    test("no request fails, of any kind", () => {
      expect(report.failures).toEqual({});
      expect(Object.keys(report.byKind)).toEqual(["get", "new connection", "order", "slow", "upload", "events", "socket"]);
    });

    test("first the old version answers, then the new one, then the old one, and never one between the others", () => {
      expect(report).toMatchObject({ turns: 3, outOfTurn: 0 });
    });

    test("every acknowledged order is in the database, and none arrived twice", () => {
      expect(running.acknowledged.size).toBeGreaterThan(100);
      expect([...running.acknowledged].filter((key) => !orders.orders.includes(key))).toEqual([]);
      expect(orders.attempts).toBe(orders.orders.length);
    });
  });

  describe("the same load over `docker compose up -d`", () => {
    let report: LoadReport;

    beforeAll(async () => {
      const { release } = await workshop.delivery(3);
      const running = visit();
      await untilVisited(running, 60);
      await naiveDeploy(host, workshop.application, release.images[`${workshop.application}:release`] ?? "");
      await untilVisited(running, running.visits.length + 300);
      await running.stop();
      report = reportOf(running.visits, [1, 3]);
    });

    test("loses requests", () => {
      expect(report.turns).toBe(2);
      expect(report.failed).toBeGreaterThan(0);
    });
  });
});

/** What many do: the running container is replaced by one of the new image. */
async function naiveDeploy(host: ReleaseHost, application: string, digest: string): Promise<void> {
  const folder = (await host.machine.run("sh", ["-c", "cat /srv/jlam/bed/colours/blue"])).trim();
  const release = `/srv/jlam/bed/releases/${folder}`;
  await host.machine.run("docker", ["pull", "--quiet", `${application}@${digest}`]);
  await host.machine.run("sh", ["-c", `JLAM_IMAGE_APP_BLUE=${application}:release@${digest} docker compose --env-file ${release}/host.env --file ${release}/compose.yaml up --detach --no-deps app-blue`], { timeout: 120_000 });
}

async function untilVisited(load: Load, count: number): Promise<void> {
  while (load.visits.length < count) await new Promise((resolve) => setTimeout(resolve, 50));
}

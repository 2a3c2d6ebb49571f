/**
 * Every fault of faults.ts, one after another on one host, under visitors' load. After each: what serves was never
 * away, journal, file on disk and proxy agree once the next command has run, and the words say what happened.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { agreementOn } from "./bed/agreement.ts";
import { emptyHost, openWorkshop, visitorAt, type ReleaseHost, type Workshop } from "./bed/bed.ts";
import { domain } from "./bed/environment.ts";
import { hostMissing } from "./bed/host.ts";
import { startLoad, type Load } from "./bed/load.ts";
import { faults, type Ended } from "./faults.ts";

const why = process.env["JLAM_FULL"] === "1" ? hostMissing : "runs with --full";
/** Where the table goes, for docs/evidence; nowhere unless somebody asks. */
const tablePath = process.env["JLAM_FAULT_TABLE"];

/** Few enough that a busy machine bears them, enough to see a gap of a second. */
const rate = 20;

describe.skipIf(why !== undefined)(`faults of a release${why === undefined ? "" : ` (${why})`}`, () => {
  let workshop: Workshop;
  let host: ReleaseHost;
  let version = 1;
  let serving = 1;
  const rows: string[] = [];

  beforeAll(async () => {
    workshop = await openWorkshop();
    host = await emptyHost(workshop, { number: 2, srv: "96m" });
    await host.deploy(await workshop.delivery(version));
  });

  afterAll(async () => {
    if (tablePath !== undefined) {
      mkdirSync(dirname(tablePath), { recursive: true });
      writeFileSync(tablePath, ["| fault | ended | what served right after | requests that failed | how it was said |", "|---|---|---|---|---|", ...rows, ""].join("\n"));
    }
    await host.remove();
    await workshop.close();
  });

  const visit = (): Load => startLoad({ address: host.machine.address, domain, authority: workshop.secrets.authority.certificate, rate, most: 20_000 });

  test.each(faults)("$name", { timeout: 600_000 }, async ({ name, bring, ends, says, serves, visitors }) => {
    version += 1;
    const load = visit();
    let outcome: Ended;
    let served: number;
    try {
      outcome = await bring({ workshop, host, version });
      served = Number.parseInt(await visitorAt(host, workshop)("/"), 10);
    } finally {
      await load.stop();
    }
    const failures = load.visits.flatMap(({ kind, failure }) => (failure === undefined ? [] : [`${kind}: ${failure}`]));
    rows.push(`| ${name} | ${outcome.end} | ${served === version ? "the new version" : "the old version"} | ${failures.length} of ${load.visits.length} | ${outcome.why.split("\n")[0]?.slice(0, 120).replaceAll("|", "\\|") ?? ""} |`);
    expect(outcome).toMatchObject({ end: ends, why: expect.stringMatching(says) });
    expect(served).toBe(serves === "new" ? version : serving);
    expect([...new Set(failures)].filter((failure) => visitors === undefined || !visitors.test(failure))).toEqual([]);

    // Whoever comes next ends what was left: an ordinary deploy of a good version must get through.
    const next = await workshop.delivery(version, "good", { word: `after ${version}` });
    const load2 = visit();
    await untilLockIsFree(host);
    const { result } = await host.deploy(next).finally(() => load2.stop());
    expect(result.reasons).toEqual([]);
    serving = version;
    expect(await agreementOn(host)).toEqual({ release: next.release.id, wrong: [] });
    expect(Number.parseInt(await visitorAt(host, workshop)("/"), 10)).toBe(version);
  });
});

/** The lock of a deployer that was killed ends by itself; tests don't wait a minute for it. */
async function untilLockIsFree(host: ReleaseHost): Promise<void> {
  await host.machine.run("sh", ["-c", "test ! -f /srv/jlam/bed/lock || sed -i 2s/.*/0/ /srv/jlam/bed/lock"]);
}

/** Every fault of faults/ under visitors' load, on two hosts beside each other: most of a release is waiting. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { emptyHost, openWorkshop, type ReleaseHost, type Workshop } from "./bed/bed.ts";
import { hostMissing } from "./bed/host.ts";
import { noteRow, provenIn } from "./faults/evidence.ts";
import { faults } from "./faults/faults.ts";
import { undergo } from "./faults/undergo.ts";

const why = process.env["JLAM_FULL"] === "1" ? hostMissing : "runs with --full";
/** Where the table goes; nowhere unless somebody asks. */
const tablePath = process.env["JLAM_FAULT_TABLE"];
/** For a table that is made in pieces: rows that it has already are left out, and none begins after so many minutes. */
const minutes = process.env["JLAM_FAULT_MINUTES"];
const proven = tablePath === undefined || minutes === undefined ? new Set<string>() : provenIn(tablePath);
const ends = performance.now() + Number(minutes ?? Number.POSITIVE_INFINITY) * 60_000;

/** A host with a registry of its own, on which one fault at a time is made. */
interface Lane {
  readonly workshop: Workshop;
  readonly host: ReleaseHost;
  /** Of the version that was brought last; no two hosts bring the same. */
  version: number;
}

describe.skipIf(why !== undefined)(`faults of a release${why === undefined ? "" : ` (${why})`}`, () => {
  const lanes: Lane[] = [];
  const free: Lane[] = [];
  const waiting: ((lane: Lane) => void)[] = [];
  const take = async (): Promise<Lane> => free.pop() ?? (await new Promise<Lane>((resolve) => waiting.push(resolve)));
  const give = (lane: Lane): void => {
    const next = waiting.shift();
    if (next === undefined) free.push(lane);
    else next(lane);
  };

  beforeAll(async () => {
    const opened = await Promise.all([1, 2].map(async (number): Promise<Lane> => {
      const workshop = await openWorkshop();
      const host = await emptyHost(workshop, { number: 10 + number, srv: "96m", images: "3g" });
      const lane = { workshop, host, version: number * 1000 };
      lanes.push(lane);
      const { result } = await host.deploy(await workshop.delivery(lane.version));
      expect(result).toMatchObject({ end: "finished", reasons: [] });
      return lane;
    }));
    free.push(...opened);
  });

  afterAll(async () => {
    for (const { host, workshop } of lanes) {
      await host.remove();
      await workshop.close();
    }
  });

  // The timeout holds the wait for a host as well.
  test.concurrent.for(faults.filter(({ name }) => !proven.has(name)))("$name", { timeout: 1_800_000 }, async (fault, { skip, onTestFinished }) => {
    const lane = await take();
    onTestFinished(() => give(lane));
    skip(performance.now() > ends, `not run: the ${minutes} minutes are over`);
    lane.version += 1;
    const undergone = await undergo(fault, lane);
    if (tablePath !== undefined) noteRow(tablePath, fault, faults, undergone, lane.version);
    expect(undergone.wrong).toEqual([]);
  });
});

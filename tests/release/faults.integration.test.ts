/** Every fault of faults/, one after another on one host, under visitors' load. */
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

describe.skipIf(why !== undefined)(`faults of a release${why === undefined ? "" : ` (${why})`}`, () => {
  let workshop: Workshop;
  let host: ReleaseHost;
  let version = 1;
  let serving = 1;

  beforeAll(async () => {
    workshop = await openWorkshop();
    host = await emptyHost(workshop, { number: 2, srv: "96m", images: "3g" });
    await host.deploy(await workshop.delivery(version));
  });

  afterAll(async () => {
    await host.remove();
    await workshop.close();
  });

  test.for(faults.filter(({ name }) => !proven.has(name)))("$name", { timeout: 600_000 }, async (fault, { skip }) => {
    skip(performance.now() > ends, `not run: the ${minutes} minutes are over`);
    version += 1;
    const undergone = await undergo(fault, { workshop, host, version }, serving);
    serving = undergone.serving;
    if (tablePath !== undefined) noteRow(tablePath, fault, faults, undergone, version);
    expect(undergone.wrong).toEqual([]);
  });
});

import { describe, expect, test } from "vitest";
import { HostFailure } from "../host/host.ts";
import { deployRun, itinerary, memoryHost, workOn, type Memory } from "./host.fixture.ts";
import type { Itinerary } from "./itinerary.ts";
import { doStep } from "./steps.ts";

const sets = { service: "engine", command: ["make", "--json"] };
const made = '{"step":"started","id":"2026-1"}\n{"step":"committed","id":"2026-1","seconds":3}\n{"step":"manifest","manifest":{}}\n';

/** A host on which an engine runs, and a release that comes to it. */
const hostWith = (coming: Partial<Itinerary>, { serving = { sets }, ...memory }: Partial<Memory> & { readonly serving?: Partial<Itinerary> } = {}) =>
  memoryHost({ itineraries: { old: itinerary(serving), new: itinerary({ sets, ...coming }) }, running: ["engine"], runs: () => made, ...memory });

describe("the step set", () => {
  test("has the engine make a set where the plan says that data is touched, and notes its id and why", async () => {
    const { host, told } = hostWith({ setBecause: ["postgres-app is made anew", "PostgreSQL 17.6 → 17.7, in place"] });
    expect(await doStep("set", workOn(host))).toEqual({ outcome: "done", evidence: { set: "2026-1", because: "postgres-app is made anew; PostgreSQL 17.6 → 17.7, in place" } });
    expect(told).toEqual(["in engine: make --json"]);
  });

  test("asks the engine that runs, by the command of its own release", async () => {
    const { host, told } = hostWith({ setBecause: ["data"], sets: { service: "other", command: ["new"] } });
    await doStep("set", workOn(host));
    expect(told).toEqual(["in engine: make --json"]);
  });

  test("asks the engine that comes where the release that serves doesn't say which one it has", async () => {
    const { host, told } = hostWith({ setBecause: ["data"] }, { serving: {} });
    await doStep("set", workOn(host));
    expect(told).toEqual(["in engine: make --json"]);
  });

  test("makes one where nobody knows whether data is touched", async () => {
    expect(await doStep("set", workOn(hostWith({ setBecause: null }).host))).toMatchObject({ outcome: "done", evidence: { set: "2026-1", because: "no plan says which data is touched" } });
  });

  test.each<[string, ReturnType<typeof hostWith>, typeof deployRun]>([
    ["nothing served here before", hostWith({ setBecause: ["data"] }), { ...deployRun, from: undefined }],
    ["no data is touched that a set holds", hostWith({ setBecause: [] }), deployRun],
    ["nothing in this environment makes sets", hostWith({ sets: null }, { serving: {} }), deployRun],
    ["engine, which makes sets, comes with this release", hostWith({}, { serving: {}, running: [] }), deployRun],
  ])("is done at once, and says so, where %s", async (why, { host, told }, run) => {
    expect(await doStep("set", workOn(host, run))).toEqual({ outcome: "done", evidence: { "no set": why } });
    expect(told).toEqual([]);
  });

  test("fails in the engine's words, before anything is touched, where no set can be made", async () => {
    const { host, told } = hostWith({ setBecause: ["data"] }, {
      runs: () => {
        throw new HostFailure('{"step":"failed","message":"The bucket is away.","fix":"Look at the store."}', "refused");
      },
    });
    expect(await doStep("set", workOn(host))).toEqual({ outcome: "failed", why: "No recovery set could be made, and data would be touched (data). The bucket is away. Look at the store." });
    expect(told).toHaveLength(1);
  });

  test("fails where the engine ends well and names no set", async () => {
    expect(await doStep("set", workOn(hostWith({ setBecause: ["data"] }, { runs: () => '{"step":"started","id":"2026-1"}\n' }).host))).toMatchObject({ outcome: "failed", why: expect.stringContaining("engine ended well and named no set") });
  });

  test("throws where the host is out of reach, so that the step is done again", async () => {
    const { host } = hostWith({}, {
      runs: () => {
        throw new HostFailure("cut", "unreachable");
      },
    });
    await expect(doStep("set", workOn(host))).rejects.toThrow("cut");
  });

  test("waits for a set that is being made, and makes its own then", { timeout: 30_000 }, async () => {
    let asked = 0;
    const { host } = hostWith({}, {
      runs: () => {
        asked += 1;
        if (asked === 1) throw new HostFailure("another run goes on", "busy");
        return made;
      },
    });
    expect(await doStep("set", workOn(host))).toMatchObject({ outcome: "done", evidence: { set: "2026-1" } });
    expect(asked).toBe(2);
  });
});

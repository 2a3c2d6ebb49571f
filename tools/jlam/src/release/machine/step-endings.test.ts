import { describe, expect, test } from "vitest";
import { deployRun, itinerary, memoryHost, workOn } from "./host.fixture.ts";
import { doStep } from "./steps.ts";

const groups = [{ jobs: ["prepare"], services: ["people", "people-worker", "cache"], startLimit: 1000 }];
const at = (version: string) => itinerary({ groups, forwardOnly: ["people", "people-worker"].map((service) => ({ service, program: "People", version })) });
const definitions = { old: { people: "p1", "people-worker": "w1", cache: "c1" }, new: { people: "p2", "people-worker": "w2", cache: "c2" } };

/** What taking back does where this much had been started anew. */
async function takenBack(before: string, after: string, started: Readonly<Record<string, string>>) {
  const { host, told } = memoryHost({ itineraries: { old: at(before), new: at(after) }, running: ["people", "people-worker", "cache"], definitions, started });
  return { result: await doStep("revert", workOn(host, { ...deployRun, step: "revert" })), told };
}

describe("taking a deploy back", () => {
  test("makes services what they were, also at another patch of a program that goes forward only", async () => {
    const { result, told } = await takenBack("2026.8.4", "2026.8.6", definitions.new);
    expect(told).toEqual(["configure old", "run prepare of old", "start people people-worker cache of old"]);
    expect(result).toEqual({ outcome: "done", evidence: { "made anew": "people, people-worker, cache" } });
  });

  test("leaves a program at the release from which its data doesn't come back, runs none of the jobs before it, and says so", async () => {
    const { result, told } = await takenBack("2026.5.8", "2026.8.6", definitions.new);
    expect(told).toEqual(["configure old", "start cache of old"]);
    expect(result).toEqual({ outcome: "done", evidence: { "made anew": "cache", "not taken back": "people, people-worker" } });
  });

  test("leaves all services of such a program as soon as one of them was started anew", async () => {
    const { result } = await takenBack("2026.5.8", "2026.8.6", { ...definitions.old, people: "p2" });
    expect(result).toMatchObject({ evidence: { "not taken back": "people, people-worker" } });
  });

  test("finds nothing to leave where it hadn't come that far", async () => {
    const { result, told } = await takenBack("2026.5.8", "2026.8.6", definitions.old);
    expect(told).toEqual(["configure old"]);
    expect(result).toEqual({ outcome: "done", evidence: { "made anew": "" } });
  });
});

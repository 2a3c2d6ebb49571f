import { describe, expect, test } from "vitest";
import { platform, releaseOf, type Facts } from "../platform.fixture.ts";
import { itineraryOf, readItinerary, type Planned } from "./itinerary.ts";

const itineraryFor = (facts: Facts, planned?: Planned) => {
  const { release, files } = releaseOf(facts);
  return itineraryOf(platform(facts), release, files, planned);
};

describe("an itinerary", () => {
  test("says who makes sets and by which command, why one is due, and what goes forward only", () => {
    expect(itineraryFor({ engine: true, people: "2026.8.6" }, { setBecause: ["data"] })).toMatchObject({
      sets: { service: "engine", command: ["make", "a", "set"] },
      setBecause: ["data"],
      forwardOnly: [{ service: "people", program: "People", version: "2026.8.6" }],
    });
  });

  test("says that nobody makes any, and that no plan was made", () => {
    expect(itineraryFor({})).toMatchObject({ sets: null, setBecause: null, forwardOnly: [] });
  });

  test("is read as it was written, and as one from before there were sets", () => {
    const written = itineraryFor({ engine: true }, { setBecause: [] });
    expect(readItinerary(JSON.stringify(written))).toEqual(written);
    const { sets: _, setBecause: __, forwardOnly: ___, ...before } = written;
    expect(readItinerary(JSON.stringify(before))).toEqual({ ...before, sets: null, setBecause: null, forwardOnly: [] });
  });
});

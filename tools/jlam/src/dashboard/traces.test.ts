import { expect, test } from "vitest";
import { parseTraces } from "./traces.ts";

test("the newest trace comes first, and a root that Tempo has not received yet has no name", () => {
  // As Tempo 3.0 answers /api/search.
  const body = JSON.stringify({
    traces: [
      { traceID: "a1", rootServiceName: "web", rootTraceName: "GET /", startTimeUnixNano: "1795348800000000000", durationMs: 12 },
      { traceID: "b2", startTimeUnixNano: "1795348801500000000" },
    ],
    metrics: { inspectedTraces: 2 },
  });
  expect(parseTraces(body)).toEqual([
    { id: "b2", service: "?", name: "?", at: "2026-11-22T12:00:01.500Z", milliseconds: 0 },
    { id: "a1", service: "web", name: "GET /", at: "2026-11-22T12:00:00.000Z", milliseconds: 12 },
  ]);
});

test("nothing was traced yet", () => {
  expect(parseTraces("{}")).toEqual([]);
});

import { describe, expect, test } from "vitest";
import { parseSamples } from "../switch/samples.ts";
import { countersOf, judge, noCounters, since, type Counters } from "./verdict.ts";

/** As Traefik 3.7 writes it. */
const exposition = `# HELP traefik_service_requests_total How many HTTP requests processed on a service
# TYPE traefik_service_requests_total counter
traefik_service_requests_total{code="200",method="GET",protocol="http",service="web@file"} 940
traefik_service_requests_total{code="404",method="GET",protocol="http",service="web@file"} 40
traefik_service_requests_total{code="502",method="POST",protocol="http",service="web@file"} 20
traefik_service_requests_total{code="500",method="GET",protocol="http",service="other@docker"} 7
traefik_service_request_duration_seconds_bucket{code="200",method="GET",protocol="http",service="web@file",le="0.1"} 900
traefik_service_request_duration_seconds_bucket{code="200",method="GET",protocol="http",service="web@file",le="0.5"} 960
traefik_service_request_duration_seconds_bucket{code="200",method="GET",protocol="http",service="web@file",le="+Inf"} 1000
`;

const counters = (requests: number, errors = 0, slow = 0): Counters => ({ requests, errors, buckets: new Map([[0.5, requests - slow], [2, requests], [Number.POSITIVE_INFINITY, requests]]) });
const promised = { availability: 0.999, p95: 500 };

describe("countersOf", () => {
  test("counts the requests of the services that were switched, 5xx as errors, and nobody else's", () => {
    expect(countersOf(parseSamples(exposition), new Set(["web@file"]))).toEqual({ requests: 1000, errors: 20, buckets: new Map([[0.1, 900], [0.5, 960], [Number.POSITIVE_INFINITY, 1000]]) });
  });

  test("finds nothing where the proxy has counted nothing yet", () => {
    expect(countersOf(parseSamples(""), new Set(["web@file"]))).toEqual(noCounters);
  });
});

describe("since", () => {
  test("is the difference", () => {
    expect(since(counters(100, 1), counters(150, 3))).toMatchObject({ requests: 50, errors: 2 });
  });

  test("counts from 0 where the proxy was restarted", () => {
    expect(since(counters(100, 1), counters(20, 2))).toMatchObject({ requests: 20, errors: 2 });
  });
});

describe("judge", () => {
  test("is good where errors and latency hold", () => {
    expect(judge(counters(1000, 1), promised, 30)).toEqual({ kind: "good", requests: 1000, errors: 1, p95: 500 });
  });

  test("never is good without enough requests, however well they went", () => {
    for (const requests of [0, 29]) expect(judge(counters(requests), promised, 30).kind).toBe("unknown");
  });

  test("is bad where the error budget burns 14.4 times too fast", () => {
    expect(judge(counters(1000, 14), promised, 30).kind).toBe("good");
    expect(judge(counters(1000, 15), promised, 30)).toMatchObject({ kind: "bad", why: expect.stringContaining("15 of 1000 requests failed (1.5 %)") });
  });

  test("is bad where 95 % of requests take longer than promised", () => {
    expect(judge(counters(1000, 0, 50), promised, 30).kind).toBe("good");
    expect(judge(counters(1000, 0, 51), promised, 30)).toMatchObject({ kind: "bad", why: expect.stringContaining("500 ms are promised") });
  });

  test("asks for nothing that nobody promised", () => {
    expect(judge(counters(1000, 900, 900), { availability: null, p95: null }, 30).kind).toBe("good");
  });
});

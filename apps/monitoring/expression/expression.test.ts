import { describe, expect, test } from "vitest";
import { blackbox, traefik } from "../catalogue/edge.ts";
import { node } from "../catalogue/machine.ts";
import { absent, above, always, before, below, both, bucketsOf, dividedBy, either, equals, increase, maxOver, minus, now, predict, quantileOf, rate, select, sumBy, times, unless } from "./expression.ts";

const requests = select(traefik.metrics.traefik_service_requests_total);
const probe = select(blackbox.metrics.probe_success, { job: "probe-public" });
const memory = select(node.metrics.node_memory_MemAvailable_bytes);
const total = select(node.metrics.node_memory_MemTotal_bytes);

describe("an expression's text", () => {
  test.each([
    [probe, 'probe_success{job="probe-public"}'],
    [select(blackbox.metrics.probe_success, { service: { not: "a" }, job: { matches: "b|c" }, walled: { matchesNot: "d" } }), 'probe_success{service!="a",job=~"b|c",walled!~"d"}'],
    [rate(requests, "5m"), "rate(traefik_service_requests_total[5m])"],
    [rate(before(requests, "1h"), "5m"), "rate(traefik_service_requests_total[5m] offset 1h)"],
    [sumBy(["service"], requests), "sum by (service) (traefik_service_requests_total)"],
    [sumBy([], requests), "sum(traefik_service_requests_total)"],
    [quantileOf(0.95, sumBy(["le", "service"], rate(bucketsOf(traefik.metrics.traefik_service_request_duration_seconds), "5m"))), "histogram_quantile(0.95, sum by (le, service) (rate(traefik_service_request_duration_seconds_bucket[5m])))"],
    [absent(probe), 'absent(probe_success{job="probe-public"})'],
    [predict(memory, "6h", 14400), "predict_linear(node_memory_MemAvailable_bytes[6h], 14400)"],
    [minus(now, maxOver(memory, "1h")), "time() - max_over_time(node_memory_MemAvailable_bytes[1h])"],
    [always(1), "vector(1)"],
  ])("%#: is what Prometheus reads", (expression, text) => {
    expect(expression.text).toBe(text);
  });

  test("an upper bound is written as Prometheus 3 stores it", () => {
    const { traefik_service_request_duration_seconds: duration } = traefik.metrics;
    expect(bucketsOf(duration, { le: 2 }).text).toContain('le="2.0"');
    expect(bucketsOf(duration, { le: 0.5 }).text).toContain('le="0.5"');
  });
});

describe("what binds more tightly", () => {
  test("a comparison of a share needs no parentheses", () => {
    expect(below(dividedBy(times(100, memory), total), 5).text).toBe("100 * node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes < 5");
  });

  test("a difference that is divided keeps its parentheses", () => {
    expect(dividedBy(minus(total, memory), total).text).toBe("(node_memory_MemTotal_bytes - node_memory_MemAvailable_bytes) / node_memory_MemTotal_bytes");
  });

  test("what is taken away on the right keeps its parentheses", () => {
    expect(minus(total, minus(total, memory)).text).toBe("node_memory_MemTotal_bytes - (node_memory_MemTotal_bytes - node_memory_MemAvailable_bytes)");
  });

  test("`or` beside `unless` keeps the order that was written", () => {
    const born = unless(requests, before(requests, "5m"));
    expect(above(either(born, increase(requests, "5m")), 20).text).toBe(
      "(traefik_service_requests_total unless traefik_service_requests_total offset 5m or increase(traefik_service_requests_total[5m])) > 20",
    );
  });

  test("both sides of `and` may be comparisons", () => {
    expect(both(equals(probe, 0), above(memory, 1), { on: ["instance"] }).text).toBe('probe_success{job="probe-public"} == 0 and on (instance) node_memory_MemAvailable_bytes > 1');
  });
});

test("an expression knows every metric that it reads, each once", () => {
  expect(both(above(dividedBy(memory, total), 1), below(memory, 2)).metrics).toEqual(["node_memory_MemAvailable_bytes", "node_memory_MemTotal_bytes"]);
});

/** What must not compile: metrics, labels and functions that don't exist or don't fit. */
import { blackbox, traefik } from "../catalogue/edge.ts";
import { node } from "../catalogue/machine.ts";
import { above, absent, both, bucketsOf, countOf, increase, maxOver, quantileOf, rate, select, sumBy } from "./expression.ts";

const { traefik_service_requests_total: requests, traefik_service_request_duration_seconds: duration } = traefik.metrics;
const { probe_success: probe } = blackbox.metrics;

sumBy(["service", "code"], rate(select(requests, { code: { matches: "5.." } }), "5m"));
quantileOf(0.95, sumBy(["le", "service"], rate(bucketsOf(duration), "5m")));
both(above(select(probe), 0), above(select(node.metrics.node_load1), 1), { on: ["instance"] });
absent(select(probe, { service: "web" }));

// @ts-expect-error no exporter of ours has such a metric
select(traefik.metrics.traefik_service_requests);
// @ts-expect-error Traefik has no label "status"
select(requests, { status: "500" });
// @ts-expect-error what was summed by service has no label "code" any more
sumBy(["code"], sumBy(["service"], rate(select(requests), "5m")));
// @ts-expect-error a gauge has no rate
rate(select(probe), "5m");
// @ts-expect-error nor does it increase
increase(select(probe), "5m");
// @ts-expect-error the highest value of a counter says nothing
maxOver(select(requests), "5m");
// @ts-expect-error a rate is no selector, and has no rate of its own
rate(rate(select(requests), "5m"), "5m");
// @ts-expect-error a histogram is read through its buckets or its count
select(duration);
// @ts-expect-error a quantile needs the buckets' bounds
quantileOf(0.95, sumBy(["service"], rate(bucketsOf(duration), "5m")));
// @ts-expect-error a window needs its unit
rate(countOf(duration), "300");
// @ts-expect-error the two sides don't share the label "code"
both(rate(select(requests), "5m"), above(select(probe), 0), { on: ["code"] });

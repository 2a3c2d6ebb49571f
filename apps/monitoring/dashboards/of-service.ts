/** One dashboard for each service and each resource that runs elsewhere, with the panels that it can have. */
import { thresholds } from "../alerts/threshold.ts";
import { blackbox, traefik } from "../catalogue/edge.ts";
import { containers } from "../catalogue/machine.ts";
import { prometheus, scraped } from "../catalogue/own.ts";
import { bucketsOf, dividedBy, increase, minBy, quantileOf, rate, select, sumBy } from "../expression/expression.ts";
import type { Part, Watched } from "../watched/watched.ts";
import type { DashboardSpec } from "./dashboard.ts";
import type { PanelSpec } from "./panel.ts";

/** The proxy's counts begin with the first request. */
const nobodyAsked = "nobody has asked for a page of it yet";

/** Its uid: names are short, but Grafana takes no more than 40 characters. */
export const serviceDashboardUid = (name: string): string => `service-${name}`.slice(0, 40);

const zoom = "$__rate_interval";

function visitors(name: string, { promised }: Watched): readonly PanelSpec[] {
  const own = { service: name } as const;
  const p95 = promised.find(({ service }) => service === name)?.p95Seconds;
  const t = traefik.metrics;
  return [
    { kind: "lines", title: "Requests a second", description: "By status, as the proxy counts them.", unit: "count", width: 8, queries: [{ expression: sumBy(["code"], rate(select(t.traefik_service_requests_total, own), zoom)), legend: "{{code}}" }], emptyBecause: nobodyAsked },
    { kind: "lines", title: "Errors", description: "Share of requests that were answered with an error.", unit: "ratio", width: 8, queries: [{ expression: dividedBy(sumBy([], rate(select(t.traefik_service_requests_total, { ...own, code: { matches: "5.." } }), zoom)), sumBy([], rate(select(t.traefik_service_requests_total, own), zoom))), legend: "errors" }], threshold: { of: thresholds.errorShare, bad: "above" }, emptyBecause: "no error ever happened" },
    { kind: "lines", title: "95 % of answers within", description: p95 === undefined ? "One in twenty takes longer." : "One in twenty takes longer; the line is what was promised.", unit: "seconds", width: 8, queries: [{ expression: quantileOf(0.95, sumBy(["le"], rate(bucketsOf(t.traefik_service_request_duration_seconds, own), zoom))), legend: "p95" }], threshold: { of: p95 === undefined ? thresholds.answerTime : { value: p95, unit: "seconds" }, bad: "above" }, emptyBecause: nobodyAsked },
  ];
}

function container(name: string): readonly PanelSpec[] {
  const own = { service: name } as const;
  const c = containers.metrics;
  return [
    { kind: "lines", title: "Memory of its limit", description: "At 100 % the kernel kills it.", unit: "ratio", queries: [{ expression: dividedBy(sumBy([], select(c.container_memory_usage_total_bytes, own)), sumBy([], select(c.container_memory_usage_limit_bytes, own))), legend: "memory" }], threshold: { of: thresholds.containerMemory, bad: "above" } },
    { kind: "lines", title: "Restarts", description: "By Docker, in five minutes.", unit: "count", queries: [{ expression: sumBy([], increase(select(c.container_restarts_total, own), "5m")), legend: "restarts" }], threshold: { of: thresholds.restarts, bad: "above" } },
    { kind: "log", title: "Log", description: "What it wrote, newest first.", width: 24, query: `{service_name=${JSON.stringify(name)}}` },
  ];
}

function reachable({ name }: Part, { probes, targets }: Watched): readonly PanelSpec[] {
  const isProbed = probes.some(({ service }) => service === name);
  const isMeasured = targets.some(({ runs }) => runs === name);
  return [
    ...(isProbed ? [{ kind: "lines", title: "Answers", description: "1: it answers as it should.", unit: "yes-or-no", queries: [{ expression: minBy(["address"], select(blackbox.metrics.probe_success, { service: name })), legend: "{{address}}" }] } as const] : []),
    ...(isMeasured ? [{ kind: "lines", title: "Tells its metrics", description: "1: Prometheus can read it.", unit: "yes-or-no", queries: [{ expression: minBy(["job", "instance"], select(scraped.metrics.up, { job: name })), legend: "{{job}} {{instance}}" }] } as const] : []),
    { kind: "figure", title: "Alerts that fire", description: "About this service. Nothing is good.", unit: "count", width: 24, queries: [{ expression: sumBy([], select(prometheus.metrics.ALERTS, { alertstate: "firing", service: name })), legend: "alerts" }], emptyBecause: "no alert fires" },
  ];
}

/** Jobs run once and have none. */
export const hasDashboard = ({ kind }: Part): boolean => kind !== "job";

export const serviceDashboards = (watched: Watched): readonly DashboardSpec[] =>
  watched.parts
    .filter(hasDashboard)
    .map((part) => ({
      uid: serviceDashboardUid(part.name),
      title: `Service: ${part.name}`,
      description: `Everything about ${part.name}, which ${part.owner} owns.`,
      rows: [
        { title: "Reachable", panels: reachable(part, watched) },
        ...(part.routed ? [{ title: "Visitors", panels: visitors(part.name, watched) }] : []),
        ...(part.kind === "service" ? [{ title: "Container", panels: container(part.name) }] : []),
      ],
    }));

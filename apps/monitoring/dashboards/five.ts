/** The five dashboards that people open by name. */
import type { DashboardUid } from "../alerts/definition.ts";
import { probeJob } from "../alerts/availability.ts";
import { thresholds } from "../alerts/threshold.ts";
import { backup, postgres, redis } from "../catalogue/data.ts";
import { blackbox, traefik } from "../catalogue/edge.ts";
import { containers, node, platform } from "../catalogue/machine.ts";
import { collector, program, prometheus, recorded, scraped } from "../catalogue/own.ts";
import { averageBy, bucketsOf, countBy, dividedBy, equals, increase, lastOver, maxBy, minBy, minus, now, plus, quantileOf, rate, select, sumBy, type Expression, type Window } from "../expression/expression.ts";
import type { Watched } from "../watched/watched.ts";
import type { DashboardSpec } from "./dashboard.ts";
import type { PanelSpec } from "./panel.ts";

/** What is drawn as a rate follows the zoom. */
const zoom: Window = "$__rate_interval";

const t = traefik.metrics;
const n = node.metrics;
const { probe_success: probe } = blackbox.metrics;
const publicProbe = { job: probeJob("public") } as const;
const real = { fstype: { matchesNot: "tmpfs|ramfs|overlay|squashfs|fuse.*|nsfs|rootfs" } } as const;
const noBackups = "apps/backup tells of its sets once it runs";

const query = (expression: Expression, legend: string) => ({ expression, legend });
const firing = (severity: string): Expression => sumBy([], select(prometheus.metrics.ALERTS, { alertstate: "firing", severity, alertname: { not: "DeadMansSwitch" } }));

const incidents: PanelSpec = { kind: "figure", title: "P1 that fire", description: "Alerts that wake somebody. Nothing is good.", unit: "count", width: 6, queries: [query(firing("P1"), "P1")], emptyBecause: "no alert fires" };

const executive = (watched: Watched): DashboardSpec => ({
  uid: "executive-overview" satisfies DashboardUid,
  title: "Executive Overview",
  description: "Whether the platform keeps its promises: availability, what is left of each budget, incidents, and whether a disaster would be survived.",
  rows: [
    {
      title: "Now",
      panels: [
        { kind: "figure", title: "Addresses that answer", description: "Share of public addresses that answer as they should. Below 100 % somebody sees an error.", unit: "ratio", width: 6, queries: [query(averageBy([], select(probe, publicProbe)), "addresses")] },
        incidents,
        { kind: "figure", title: "P2 that fire", description: "Alerts that wait for working hours.", unit: "count", width: 6, queries: [query(firing("P2"), "P2")], emptyBecause: "no alert fires" },
        { kind: "figure", title: "Requests a day", description: "Answers to visitors in the last 24 hours.", unit: "count", width: 6, queries: [query(sumBy([], increase(select(t.traefik_entrypoint_requests_total), "1d")), "requests")] },
      ],
    },
    {
      title: "Promises of 30 days",
      panels: [
        ...watched.promised.map(({ service, availability }): PanelSpec => {
          const bad = select(recorded.metrics["slo:sli_error:ratio_rate30d"], { service, slo: "availability" });
          return { kind: "figure", title: `Availability of ${service}`, description: `Share of requests without an error of ours. Promised: ${availability * 100} %.`, unit: "ratio", width: 6, queries: [query(minus(1, bad), service)], threshold: { of: { value: availability, unit: "ratio" }, bad: "below" }, emptyBecause: "it is worked out every five minutes, and nobody asked for a page yet" };
        }),
        { kind: "lines", title: "Errors against the budget", description: "Share of requests that broke a promise, over six hours. Each service's line should stay near zero.", unit: "ratio", width: 24, queries: [query(select(recorded.metrics["slo:sli_error:ratio_rate6h"]), "{{service}} {{slo}}")] },
      ],
    },
    {
      title: "Disasters",
      panels: [
        { kind: "figure", title: "Oldest backup", description: "Age of the last set of whatever was saved longest ago.", unit: "seconds", width: 8, queries: [query(maxBy([], minus(now, select(backup.metrics.backup_last_success_timestamp_seconds))), "age")], threshold: { of: thresholds.backupAge, bad: "above" }, emptyBecause: noBackups },
        { kind: "figure", title: "Last verified", description: "How long ago a set was really restored and compared.", unit: "seconds", width: 8, queries: [query(maxBy([], minus(now, select(backup.metrics.backup_last_verified_timestamp_seconds))), "age")], threshold: { of: thresholds.verificationAge, bad: "above" }, emptyBecause: noBackups },
        { kind: "figure", title: "Recovery in the last drill", description: "How long the last drill took to bring everything back.", unit: "seconds", width: 8, queries: [query(select(backup.metrics.backup_drill_recovery_seconds), "drill")], threshold: { of: thresholds.recoveryTime, bad: "above" }, emptyBecause: noBackups },
      ],
    },
  ],
});

const system: DashboardSpec = {
  uid: "system-health" satisfies DashboardUid,
  title: "System Health",
  description: "The host, its containers, databases, and the monitoring itself.",
  rows: [
    {
      title: "Reachable",
      panels: [
        { kind: "lines", title: "Probes", description: "1: the address answers as it should. 0: it doesn't.", unit: "yes-or-no", queries: [query(minBy(["service", "address"], select(probe)), "{{service}} {{address}}")] },
        { kind: "lines", title: "Targets that don't answer", description: "Services whose metrics Prometheus can't read. Nothing is good.", unit: "count", queries: [query(countBy(["service"], equals(select(scraped.metrics.up), 0)), "{{service}}")], emptyBecause: "every target answers" },
        { kind: "figure", title: "First certificate to end", description: "Time that is left of the certificate that ends first.", unit: "seconds", width: 24, queries: [query(minBy([], minus(lastOver(select(blackbox.metrics.probe_ssl_earliest_cert_expiry, publicProbe), "1h"), now)), "left")], threshold: { of: thresholds.certificateSoon, bad: "below" } },
      ],
    },
    {
      title: "Host",
      panels: [
        { kind: "lines", title: "Memory available", description: "Share of the host's memory that programs could still get.", unit: "ratio", width: 8, queries: [query(dividedBy(select(n.node_memory_MemAvailable_bytes), select(n.node_memory_MemTotal_bytes)), "available")], threshold: { of: thresholds.memoryFree, bad: "below" } },
        { kind: "lines", title: "Disks used", description: "The share that `df` shows.", unit: "ratio", width: 8, queries: [query(maxBy(["device"], dividedBy(minus(select(n.node_filesystem_size_bytes, real), select(n.node_filesystem_free_bytes, real)), plus(minus(select(n.node_filesystem_size_bytes, real), select(n.node_filesystem_free_bytes, real)), select(n.node_filesystem_avail_bytes, real)))), "{{device}}")], threshold: { of: thresholds.diskUsed, bad: "above" } },
        { kind: "lines", title: "Processors busy", description: "Share of the processors' time that was used.", unit: "ratio", width: 8, queries: [query(minus(1, averageBy([], rate(select(n.node_cpu_seconds_total, { mode: "idle" }), zoom))), "busy")] },
      ],
    },
    {
      title: "Containers",
      panels: [
        { kind: "lines", title: "Memory of its limit", description: "At 100 % the kernel kills the program.", unit: "ratio", queries: [query(dividedBy(sumBy(["service"], select(containers.metrics.container_memory_usage_total_bytes)), sumBy(["service"], select(containers.metrics.container_memory_usage_limit_bytes))), "{{service}}")], threshold: { of: thresholds.containerMemory, bad: "above" } },
        { kind: "lines", title: "Restarts", description: "Restarts by Docker in five minutes.", unit: "count", queries: [query(increase(select(containers.metrics.container_restarts_total), "5m"), "{{service}}")], threshold: { of: thresholds.restarts, bad: "above" } },
      ],
    },
    {
      title: "Databases",
      panels: [
        { kind: "lines", title: "Connections of their limit", description: "Share of a server's connections that is in use.", unit: "ratio", width: 8, queries: [query(dividedBy(sumBy(["service"], select(postgres.metrics.pg_stat_activity_count)), maxBy(["service"], select(postgres.metrics.pg_settings_max_connections))), "{{service}}")], threshold: { of: thresholds.connectionsUsed, bad: "above" } },
        { kind: "lines", title: "Size", description: "A sudden drop means that data is gone.", unit: "bytes", width: 8, queries: [query(select(postgres.metrics.pg_database_size_bytes, { datname: { matchesNot: "template.*|postgres" } }), "{{datname}}")] },
        { kind: "lines", title: "Redis memory", description: "What Redis holds.", unit: "bytes", width: 8, queries: [query(select(redis.metrics.redis_memory_used_bytes), "{{service}}")] },
      ],
    },
    {
      title: "Monitoring itself",
      panels: [
        { kind: "lines", title: "Series in Prometheus", description: "Its memory is sized for fewer than the line.", unit: "count", queries: [query(select(prometheus.metrics.prometheus_tsdb_head_series), "series")], threshold: { of: thresholds.series, bad: "above" } },
        { kind: "lines", title: "Log lines a second", description: "Lines that reached Loki, and lines that didn't.", unit: "count", queries: [query(sumBy([], rate(select(collector.metrics.otelcol_exporter_sent_log_records_total), zoom)), "delivered"), query(sumBy([], rate(select(collector.metrics.otelcol_exporter_send_failed_log_records_total), zoom)), "refused")] },
      ],
    },
  ],
};

const performance: DashboardSpec = {
  uid: "application-performance" satisfies DashboardUid,
  title: "Application Performance",
  description: "What visitors experience of each service, and what the programs say of themselves.",
  rows: [
    {
      title: "Visitors",
      panels: [
        { kind: "lines", title: "Requests a second", description: "By service, as the proxy counts them.", unit: "count", queries: [query(sumBy(["service"], rate(select(t.traefik_service_requests_total), zoom)), "{{service}}")] },
        { kind: "lines", title: "Errors", description: "Share of requests that were answered with an error of ours.", unit: "ratio", queries: [query(dividedBy(sumBy(["service"], rate(select(t.traefik_service_requests_total, { code: { matches: "5.." } }), zoom)), sumBy(["service"], rate(select(t.traefik_service_requests_total), zoom))), "{{service}}")], threshold: { of: thresholds.errorShare, bad: "above" }, emptyBecause: "no error ever happened" },
        { kind: "lines", title: "95 % of answers within", description: "One in twenty takes longer.", unit: "seconds", queries: [query(quantileOf(0.95, sumBy(["le", "service"], rate(bucketsOf(t.traefik_service_request_duration_seconds), zoom))), "{{service}}")], threshold: { of: thresholds.answerTime, bad: "above" } },
        { kind: "lines", title: "Half of answers within", description: "What most people feel.", unit: "seconds", queries: [query(quantileOf(0.5, sumBy(["le", "service"], rate(bucketsOf(t.traefik_service_request_duration_seconds), zoom))), "{{service}}")] },
      ],
    },
    {
      title: "Programs",
      panels: [
        { kind: "lines", title: "Requests in work", description: "Being answered at this moment.", unit: "count", queries: [query(select(program.metrics.http_requests_in_flight), "{{service}}")] },
        { kind: "lines", title: "Delay of the event loop", description: "How long work waits before the program gets to it; more than a tenth of a second is felt.", unit: "seconds", queries: [query(select(program.metrics.nodejs_eventloop_lag_seconds), "{{service}}")] },
        { kind: "lines", title: "Slowest routes", description: "95 % of answers within, by route, as the program measures.", unit: "seconds", width: 24, queries: [query(quantileOf(0.95, sumBy(["le", "route"], rate(bucketsOf(program.metrics.http_request_duration_seconds), zoom))), "{{route}}")] },
      ],
    },
  ],
};

const security: DashboardSpec = {
  uid: "security-operations" satisfies DashboardUid,
  title: "Security Operations",
  description: "Who tries what they may not, counted without saying who.",
  rows: [
    {
      title: "Signing in",
      panels: [
        { kind: "lines", title: "Failed sign-ins in five minutes", description: "Wrong passwords and unknown names.", unit: "count", queries: [query(sumBy([], increase(select(collector.metrics.sign_in_failures_total), "5m")), "failed")], threshold: { of: thresholds.signInFailures, bad: "above" }, emptyBecause: "nobody failed in the last minutes" },
        { kind: "lines", title: "Walls", description: "Status that a stranger gets at a page for operators: 302 is right, 200 would be a hole.", unit: "count", queries: [query(select(blackbox.metrics.probe_http_status_code, { ...publicProbe, walled: "true" }), "{{address}}")] },
      ],
    },
    {
      title: "Requests",
      panels: [
        { kind: "lines", title: "Refused", description: "Share of requests that were answered with 401, 403 or 429.", unit: "ratio", queries: [query(dividedBy(sumBy(["service"], rate(select(t.traefik_service_requests_total, { code: { matches: "401|403|429" } }), zoom)), sumBy(["service"], rate(select(t.traefik_service_requests_total), zoom))), "{{service}}")], threshold: { of: thresholds.refusedShare, bad: "above" }, emptyBecause: "nobody was refused" },
        { kind: "lines", title: "Arriving", description: "Requests a second at the door, by status.", unit: "count", queries: [query(sumBy(["code"], rate(select(t.traefik_entrypoint_requests_total), zoom)), "{{code}}")] },
        { kind: "log", title: "Warnings and errors", description: "What services complain about.", width: 24, query: '{level=~"warn|warning|error|fatal"}' },
      ],
    },
  ],
};

const costs: DashboardSpec = {
  uid: "cost-analysis" satisfies DashboardUid,
  title: "Cost Analysis",
  description: "What the platform costs a day, and what makes it grow.",
  rows: [
    {
      title: "Money",
      panels: [
        { kind: "figure", title: "A day", description: "Sum of the price list in the environment's declaration.", unit: "euros", width: 8, queries: [query(sumBy([], select(platform.metrics.cost_estimated_euros_per_day)), "a day")], emptyBecause: "the environment declares no prices" },
        { kind: "lines", title: "By what it is for", description: "Euros a day for each resource.", unit: "euros", width: 8, queries: [query(sumBy(["resource"], select(platform.metrics.cost_estimated_euros_per_day)), "{{resource}}")], emptyBecause: "the environment declares no prices" },
        { kind: "lines", title: "Not in the sum", description: "Managed resources that the environment's declaration gives no price.", unit: "yes-or-no", width: 8, queries: [query(select(platform.metrics.cost_without_price), "{{resource}}")], emptyBecause: "everything that is managed elsewhere has its price, or nothing has one" },
        { kind: "lines", title: "Sent to visitors", description: "Bytes a second: providers charge for what leaves.", unit: "bytes", width: 8, queries: [query(sumBy([], rate(select(t.traefik_entrypoint_responses_bytes_total), zoom)), "sent")] },
      ],
    },
    {
      title: "Growth",
      panels: [
        { kind: "lines", title: "Databases", description: "What must be kept and backed up.", unit: "bytes", width: 8, queries: [query(sumBy(["service"], select(postgres.metrics.pg_database_size_bytes)), "{{service}}")] },
        { kind: "lines", title: "Measurements kept", description: "Prometheus' blocks on disk.", unit: "bytes", width: 8, queries: [query(select(prometheus.metrics.prometheus_tsdb_storage_blocks_bytes), "blocks")] },
        { kind: "lines", title: "Log lines a second", description: "Who writes most.", unit: "count", width: 8, queries: [query(sumBy(["source"], rate(select(collector.metrics.log_lines_total), zoom)), "{{source}}")] },
      ],
    },
  ],
};

/** Their uids, in the order in which people read them. */
export const fiveUids = ["executive-overview", "system-health", "application-performance", "security-operations", "cost-analysis"] as const satisfies readonly DashboardUid[];

/** In the same order. */
export const fiveDashboards = (watched: Watched): readonly DashboardSpec[] => [executive(watched), system, performance, security, costs];

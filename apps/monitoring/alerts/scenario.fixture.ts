/** Series that make an alert fire, and others that look alike and must not. */
import type { Window } from "../expression/expression.ts";

/** Values by series, as promtool reads them: `"0x20"` is 0 twenty-one times, `"0+1x20"` counts up. */
type Series = Readonly<Record<string, string>>;

export interface Scenario {
  /** Time between two values of a series. */
  readonly every: Window;
  /** When the alert is looked at. */
  readonly at: Window;
  readonly fires: Series;
  readonly quiet: Series;
  /** How many alerts fire in `fires`; 1 unless said otherwise. */
  readonly firing?: number;
  /** How many fire where no series exists at all: 0, except for those that notice just that. */
  readonly missing?: number;
}

const probe = 'job="probe-public",service="shop",instance="https://example.org/",address="https://example.org/",walled="false"';
const tcp = 'job="probe-tcp",service="postgres-shop",address="postgres-shop:5432",instance="postgres-shop:5432",walled="false"';
const exporter = 'job="postgres-shop-exporter",exporter="postgres",service="postgres-shop",instance="e"';
const disk = 'job="node-exporter",instance="n",device="/dev/sda1",fstype="ext4",mountpoint="/"';
const traefik = 'job="traefik",instance="t",exporter="traefik",service="shop",exported_service="shop@docker",method="GET",protocol="http"';
const container = 'job="otel-collector",instance="c",service="shop",container="shop"';
const inside = 'job="cadvisor",instance="d",service="shop",name="jlam-test-shop-1",id="/docker/1"';
const steady = (value: number | string): string => `${value}x2000`;

const filesystem = (size: number, free: number, available: number, readonly = 0): Series => ({
  [`node_filesystem_size_bytes{${disk}}`]: steady(size),
  [`node_filesystem_free_bytes{${disk}}`]: steady(free),
  [`node_filesystem_avail_bytes{${disk}}`]: steady(available),
  [`node_filesystem_readonly{${disk}}`]: steady(readonly),
});
/** Requests a second with these shares of codes; at most one sample every 15 s. */
const requests = (rates: Readonly<Record<string, number>>): Series =>
  Object.fromEntries(Object.entries(rates).map(([code, perSecond]) => [`traefik_service_requests_total{${traefik},code="${code}"}`, `0+${perSecond * 15}x2000`]));
/** Answers a second that were within half a second, within two, and all. */
const answers = (half: number, two: number, all: number): Series => ({
  [`traefik_service_request_duration_seconds_bucket{${traefik},code="200",le="0.5"}`]: `0+${half * 15}x2000`,
  [`traefik_service_request_duration_seconds_bucket{${traefik},code="200",le="2.0"}`]: `0+${two * 15}x2000`,
  [`traefik_service_request_duration_seconds_bucket{${traefik},code="200",le="5.0"}`]: `0+${all * 15}x2000`,
  [`traefik_service_request_duration_seconds_bucket{${traefik},code="200",le="+Inf"}`]: `0+${all * 15}x2000`,
  [`traefik_service_request_duration_seconds_count{${traefik},code="200"}`]: `0+${all * 15}x2000`,
});
const one = (series: string, values: string): Series => ({ [series]: values });
const database = (up: number, pgUp: number, collected: number, open: number): Series => ({
  [`up{${exporter}}`]: steady(up),
  [`pg_up{${exporter}}`]: steady(pgUp),
  [`pg_scrape_collector_success{${exporter},collector="database"}`]: steady(collected),
  [`probe_success{${tcp}}`]: steady(open),
});
const burn = (long: string, short: string, values: readonly [string, string]): Series => ({
  [`slo:sli_error:ratio_rate${long}{slo="availability",service="shop"}`]: steady(values[0]),
  [`slo:sli_error:ratio_rate${short}{slo="availability",service="shop"}`]: steady(values[1]),
});

export const scenarios: Readonly<Record<string, Scenario>> = {
  WebsiteDown: { every: "10s", at: "2m", fires: one(`probe_success{${probe}}`, steady(0)), quiet: one(`probe_success{${probe}}`, "0x4 1x2000") },
  ProbeMissing: { every: "10s", at: "5m", fires: one(`probe_success{${probe.replace("shop", "other")}}`, steady(1)), firing: 4, quiet: one(`probe_success{${probe}}`, steady(1)), missing: 4 },
  OutageBeyondTarget: { every: "10s", at: "11m", fires: one(`probe_success{${probe}}`, steady(0)), quiet: one(`probe_success{${probe}}`, "0x30 1 0x2000") },
  ServiceUnreachable: { every: "10s", at: "3m", fires: one(`probe_success{${tcp}}`, steady(0)), quiet: one(`probe_success{${tcp}}`, "0x3 1x2000") },
  TargetDown: { every: "15s", at: "5m", fires: one(`up{${exporter}}`, steady(0)), quiet: one(`up{${exporter}}`, steady(1)) },
  TargetMissing: { every: "15s", at: "10m", fires: one('up{job="shop",service="shop"}', steady(1)), firing: 13, quiet: {}, missing: 14 },
  TargetsTooFew: { every: "15s", at: "10m", fires: one('up{job="shop",service="shop",instance="a"}', steady(1)), quiet: Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`up{job="shop",instance="${index}"}`, steady(1)])) },
  DatabaseUnreachable: { every: "10s", at: "2m", fires: database(1, 0, 1, 1), quiet: database(1, 1, 1, 1) },
  DatabaseUnwatched: { every: "10s", at: "5m", fires: one('up{job="shop"}', steady(1)), quiet: database(1, 1, 1, 1), missing: 1 },
  DatabaseConnectionsNearLimit: {
    every: "15s",
    at: "10m",
    fires: { [`pg_stat_activity_count{${exporter},datname="shop",state="active",usename="a"}`]: steady(50), [`pg_stat_activity_count{${exporter},datname="shop",state="idle",usename="a"}`]: steady(35), [`pg_settings_max_connections{${exporter}}`]: steady(100) },
    quiet: { [`pg_stat_activity_count{${exporter},datname="shop",state="idle",usename="a"}`]: steady(80), [`pg_settings_max_connections{${exporter}}`]: steady(100) },
  },
  DatabaseDeadlocks: { every: "15s", at: "15m", fires: one(`pg_stat_database_deadlocks{${exporter},datid="1",datname="shop"}`, "0+1x2000"), quiet: one(`pg_stat_database_deadlocks{${exporter},datid="1",datname="shop"}`, steady(7)) },
  DataLossSuspected: { every: "15s", at: "20m", fires: one(`pg_database_size_bytes{${exporter},datname="shop"}`, "100000000x40 40000000x2000"), quiet: { [`pg_database_size_bytes{${exporter},datname="shop"}`]: "9000000x40 4000000x2000", [`pg_database_size_bytes{${exporter},datname="template1"}`]: "100000000x40 1x2000" } },
  CacheUnreachable: { every: "10s", at: "2m", fires: one('redis_up{job="redis-carts-exporter",service="redis-carts"}', steady(0)), quiet: one('redis_up{job="redis-carts-exporter",service="redis-carts"}', steady(1)) },
  CacheMemoryNearLimit: { every: "15s", at: "15m", fires: { 'redis_memory_used_bytes{service="redis-carts"}': steady(95), 'redis_memory_max_bytes{service="redis-carts"}': steady(100) }, quiet: { 'redis_memory_used_bytes{service="redis-carts"}': steady(95), 'redis_memory_max_bytes{service="redis-carts"}': steady(0) } },
  CacheNotPersisting: { every: "15s", at: "5m", fires: one('redis_aof_last_write_status{service="redis-carts"}', steady(0)), quiet: one('redis_aof_last_write_status{service="redis-carts"}', steady(1)) },
  ErrorRateHigh: { every: "15s", at: "15m", fires: requests({ 200: 9, 500: 1 }), quiet: requests({ 200: 0.1, 500: 0.01 }) },
  SlowResponses: { every: "15s", at: "15m", fires: answers(5, 9, 10), quiet: answers(5, 9.9, 10) },
  ProbeSlow: { every: "15s", at: "15m", fires: one(`probe_duration_seconds{${probe}}`, steady(3)), quiet: one(`probe_duration_seconds{${probe}}`, steady(0.3)) },
  // An expired certificate takes its series away: it is there for a minute and must count for an hour.
  CertificateEndsNow: { every: "15s", at: "20m", fires: one(`probe_ssl_earliest_cert_expiry{${probe}}`, "172800x4 _x2000"), quiet: one(`probe_ssl_earliest_cert_expiry{${probe}}`, steady(300_000)) },
  CertificateEndsSoon: { every: "15s", at: "20m", fires: one(`probe_ssl_earliest_cert_expiry{${probe}}`, steady(500_000)), quiet: one(`probe_ssl_earliest_cert_expiry{${probe}}`, steady(700_000)) },
  UnusualTraffic: {
    every: "15s",
    at: "160m",
    fires: one('traefik_entrypoint_requests_total{job="traefik",entrypoint="websecure",code="200",method="GET",protocol="http"}', "0+15x520 8000+1500x200"),
    quiet: one('traefik_entrypoint_requests_total{job="traefik",entrypoint="websecure",code="200",method="GET",protocol="http"}', "0+600x2000"),
  },
  FailedSignIns: { every: "15s", at: "2m", fires: one('sign_in_failures_total{job="otel-collector",source="authentik-server"}', "_x4 30x2000"), quiet: one('sign_in_failures_total{job="otel-collector",source="authentik-server"}', "_x4 20x2000") },
  ForgedHeaders: { every: "15s", at: "2m", fires: one('forged_identity_headers_total{job="otel-collector",source="traefik"}', "_x4 1x2000"), quiet: one('forged_identity_headers_total{job="otel-collector",source="traefik"}', steady(0)) },
  WallOpen: { every: "15s", at: "5m", fires: one(`probe_http_status_code{${probe.replace("false", "true")}}`, steady(200)), quiet: { [`probe_http_status_code{${probe.replace("false", "true")}}`]: steady(302), [`probe_http_status_code{${probe}}`]: steady(200) } },
  RefusalsMany: { every: "15s", at: "20m", fires: requests({ 200: 2, 403: 2 }), quiet: requests({ 200: 0.2, 403: 0.2 }) },
  BudgetBurnsFast: { every: "30s", at: "5m", fires: { ...burn("1h", "5m", ["0.02", "0.02"]), ...requests({ 500: 1 }) }, quiet: { ...burn("1h", "5m", ["0.02", "0.001"]), ...requests({ 500: 1 }) } },
  BudgetBurnsSlowly: { every: "30s", at: "5m", fires: { ...burn("3d", "6h", ["0.002", "0.002"]), ...requests({ 500: 1 }) }, quiet: { ...burn("3d", "6h", ["0.002", "0.0005"]), ...requests({ 500: 1 }) } },
  ObjectiveUnmeasured: {
    every: "15s",
    at: "20m",
    fires: { [`traefik_service_request_duration_seconds_count{${traefik},code="200"}`]: steady(10), [`traefik_service_request_duration_seconds_bucket{${traefik},code="200",le="1.2"}`]: steady(10) },
    quiet: answers(5, 9, 10),
  },
  HostMemoryLow: { every: "15s", at: "5m", fires: { 'node_memory_MemAvailable_bytes{instance="n"}': steady(4), 'node_memory_MemTotal_bytes{instance="n"}': steady(100) }, quiet: { 'node_memory_MemAvailable_bytes{instance="n"}': steady(6), 'node_memory_MemTotal_bytes{instance="n"}': steady(100) } },
  DiskAlmostFull: { every: "15s", at: "10m", fires: filesystem(100, 8, 4), quiet: filesystem(100, 0, 0, 1) },
  DiskFillingUp: { every: "15s", at: "20m", fires: filesystem(100, 19, 14), quiet: filesystem(100, 26, 21) },
  DiskFullSoon: {
    every: "15s",
    at: "110m",
    fires: { ...filesystem(100_000, 30_000, 30_000), [`node_filesystem_avail_bytes{${disk}}`]: "40000-50x700" },
    quiet: { ...filesystem(100_000, 30_000, 30_000), [`node_filesystem_avail_bytes{${disk}}`]: "40000-1x700" },
  },
  InodesRunningOut: { every: "15s", at: "20m", fires: { [`node_filesystem_files{${disk}}`]: steady(100), [`node_filesystem_files_free{${disk}}`]: steady(9) }, quiet: { [`node_filesystem_files{${disk}}`]: steady(0), [`node_filesystem_files_free{${disk}}`]: steady(0) } },
  FilesystemReadOnly: { every: "15s", at: "5m", fires: one(`node_filesystem_readonly{${disk}}`, steady(1)), quiet: { [`node_filesystem_readonly{${disk}}`]: steady(0), [`node_filesystem_readonly{${disk.replace("ext4", "iso9660")}}`]: steady(1) } },
  ClockOff: { every: "15s", at: "15m", fires: one('node_timex_offset_seconds{instance="n"}', steady(-0.7)), quiet: one('node_timex_offset_seconds{instance="n"}', steady(0.3)) },
  RestartLoop: { every: "15s", at: "6m", fires: one(`container_restarts_total{${container}}`, "0+1x200"), quiet: one(`container_restarts_total{${container}}`, "0x20 2x200") },
  RestartsOften: { every: "15s", at: "61m", fires: one(`container_restarts_total{${container}}`, "0x40 2x40 4x40 6x200"), quiet: one(`container_restarts_total{${container}}`, "0x40 2x40 4x200") },
  ContainerMemoryNearLimit: { every: "15s", at: "15m", fires: { [`container_memory_usage_total_bytes{${container}}`]: steady(95), [`container_memory_usage_limit_bytes{${container}}`]: steady(100) }, quiet: { [`container_memory_usage_total_bytes{${container}}`]: steady(85), [`container_memory_usage_limit_bytes{${container}}`]: steady(100) } },
  ContainerKilledForMemory: { every: "15s", at: "5m", fires: one(`container_oom_events_total{${inside}}`, "0x4 1x2000"), quiet: { [`container_oom_events_total{${inside}}`]: steady(3), [`container_oom_events_total{id="/system.slice"}`]: "0x4 1x2000" } },
  ContainerUnhealthy: { every: "15s", at: "5m", fires: one(`container_health_state{${inside}}`, steady(0)), quiet: one(`container_health_state{${inside}}`, steady(-1)) },
  BackupTooOld: { every: "5m", at: "26h", fires: one('backup_last_success_timestamp_seconds{resource="postgres-shop"}', steady(0)), quiet: one('backup_last_success_timestamp_seconds{resource="postgres-shop"}', steady(7200)) },
  BackupMissing: { every: "5m", at: "2h", fires: one('backup_last_success_timestamp_seconds{resource="other"}', steady(0)), quiet: one('backup_last_success_timestamp_seconds{resource="postgres-shop"}', steady(0)), missing: 1 },
  BackupUnverified: { every: "5m", at: "50h", fires: one('backup_last_verified_timestamp_seconds{resource="postgres-shop"}', steady(0)), quiet: one('backup_last_verified_timestamp_seconds{resource="postgres-shop"}', steady(7200)) },
  ChangesNotArchived: { every: "1m", at: "7m", fires: one('backup_changes_late_seconds{resource="postgres-shop"}', steady(600)), quiet: one('backup_changes_late_seconds{resource="postgres-shop"}', steady(0)) },
  BackupNotCopied: { every: "5m", at: "28h", fires: one('backup_last_copied_timestamp_seconds{resource="postgres-shop"}', steady(0)), quiet: one('backup_last_copied_timestamp_seconds{resource="postgres-shop"}', steady(7200)) },
  DrillOverdue: { every: "5m", at: "195h", fires: one("backup_last_drill_timestamp_seconds", "0x3000"), quiet: one("backup_last_drill_timestamp_seconds", "86400x3000") },
  RecoveryTooSlow: { every: "1m", at: "5m", fires: one("backup_drill_recovery_seconds", steady(700)), quiet: one("backup_drill_recovery_seconds", steady(500)) },
  CostAnomaly: { every: "5m", at: "170h", fires: one('cost_estimated_euros_per_day{resource="server"}', "10x2016 20x100"), quiet: one('cost_estimated_euros_per_day{resource="server"}', "10x2016 12x100") },
  UpdateAvailable: { every: "5m", at: "3h", fires: one('image_update_available{image="redis",current="8.2",newest="8.4"}', steady(1)), quiet: one('image_update_available{image="redis",current="8.2",newest="8.2"}', steady(0)) },
  DeadMansSwitch: { every: "15s", at: "5m", fires: one('up{job="node-exporter",exporter="node"}', steady(1)), quiet: one('up{job="node-exporter",exporter="node"}', "1x8") },
  ConfigurationRefused: { every: "15s", at: "5m", fires: one("prometheus_config_last_reload_successful", steady(0)), quiet: { prometheus_config_last_reload_successful: steady(1), alertmanager_config_last_reload_successful: steady(1) } },
  RulesFailing: { every: "15s", at: "10m", fires: one('prometheus_rule_evaluation_failures_total{rule_group="a"}', "0+1x2000"), quiet: one('prometheus_rule_evaluation_failures_total{rule_group="a"}', steady(9)) },
  AlertmanagerMissing: { every: "15s", at: "5m", fires: { prometheus_notifications_alertmanagers_discovered: steady(0), alertmanager_config_last_reload_successful: steady(1) }, quiet: { prometheus_notifications_alertmanagers_discovered: steady(1), alertmanager_config_last_reload_successful: steady(1) }, missing: 1 },
  NotificationsFailing: { every: "15s", at: "15m", fires: one('alertmanager_notifications_failed_total{integration="email",reason="other"}', "0+1x2000"), quiet: one('alertmanager_notifications_failed_total{integration="email",reason="other"}', steady(3)) },
  ScrapeNearTimeout: { every: "15s", at: "20m", fires: one('scrape_duration_seconds{job="shop"}', steady(6)), quiet: one('scrape_duration_seconds{job="shop"}', steady(0.2)) },
  SeriesTooMany: { every: "15s", at: "20m", fires: one("prometheus_tsdb_head_series", steady(200_000)), quiet: one("prometheus_tsdb_head_series", steady(20_000)) },
  LogsNotDelivered: { every: "15s", at: "15m", fires: one('otelcol_receiver_accepted_log_records_total{receiver="filelog"}', "0+1x2000"), quiet: one('otelcol_exporter_send_failed_log_records_total{exporter="otlphttp/loki"}', steady(4)) },
  LogsMissing: { every: "15s", at: "25m", fires: one('otelcol_receiver_accepted_log_records_total{receiver="filelog"}', steady(100)), quiet: one('otelcol_receiver_accepted_log_records_total{receiver="filelog"}', "0+1x2000") },
  LogsDiscarded: { every: "15s", at: "15m", fires: one('loki_discarded_samples_total{reason="rate_limited"}', "0+1x2000"), quiet: one('loki_discarded_samples_total{reason="rate_limited"}', steady(4)) },
  TextfileUnreadable: { every: "15s", at: "20m", fires: one("node_textfile_scrape_error", steady(1)), quiet: one("node_textfile_scrape_error", steady(0)) },
  PrometheusMemoryNearLimit: { every: "15s", at: "50m", fires: one('process_resident_memory_bytes{job="prometheus"}', steady(530_000_000)), quiet: one('process_resident_memory_bytes{job="prometheus"}', steady(100_000_000)) },
};

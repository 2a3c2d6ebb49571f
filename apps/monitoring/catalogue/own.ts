/** The monitoring programs themselves, and what is counted from log lines. */
import { catalogue, counter, gauge, histogram } from "./metric.ts";

/** Every scrape has it, whatever it scrapes. */
export const scraped = catalogue("prometheus", "3.14", {
  up: gauge("yes-or-no"),
  scrape_duration_seconds: gauge("seconds"),
  scrape_samples_scraped: gauge("count"),
});

export const prometheus = catalogue("prometheus", "3.14", {
  prometheus_config_last_reload_successful: gauge("yes-or-no"),
  prometheus_rule_evaluation_failures_total: counter("count", ["rule_group"]),
  prometheus_rule_group_last_duration_seconds: gauge("seconds", ["rule_group"]),
  prometheus_notifications_alertmanagers_discovered: gauge("count"),
  prometheus_notifications_dropped_total: counter("count"),
  prometheus_tsdb_head_series: gauge("count"),
  prometheus_tsdb_storage_blocks_bytes: gauge("bytes"),
  prometheus_tsdb_wal_corruptions_total: counter("count"),
  process_start_time_seconds: gauge("unix-time"),
  process_resident_memory_bytes: gauge("bytes"),
  /** Alerts of Prometheus itself, as series. */
  ALERTS: gauge("yes-or-no", ["alertname", "alertstate", "severity", "category"]),
});

export const alertmanager = catalogue("alertmanager", "0.34", {
  alertmanager_config_last_reload_successful: gauge("yes-or-no"),
  alertmanager_notifications_total: counter("count", ["integration"]),
  alertmanager_notifications_failed_total: counter("count", ["integration", "reason"]),
  alertmanager_alerts: gauge("count", ["state"]),
});

/** The Collector about itself (service.telemetry), and its counts of log lines: never by user or address. */
export const collector = catalogue("collector", "0.155", {
  otelcol_receiver_accepted_log_records_total: counter("count", ["receiver", "transport"]),
  otelcol_exporter_sent_log_records_total: counter("count", ["exporter"]),
  otelcol_exporter_send_failed_log_records_total: counter("count", ["exporter"]),
  otelcol_exporter_queue_size: gauge("count", ["exporter"]),
  otelcol_process_memory_rss_bytes: gauge("bytes"),
  log_lines_total: counter("count", ["source", "level"]),
  sign_in_failures_total: counter("count", ["source"]),
  forged_identity_headers_total: counter("count", ["source"]),
});

export const loki = catalogue("loki", "3.7", {
  loki_request_duration_seconds: histogram("seconds", ["route", "status_code"]),
  loki_discarded_samples_total: counter("count", ["reason"]),
  loki_ingester_memory_streams: gauge("count"),
});

/** Our own application (apps/web/src/http/metrics.ts). Named `program`: Traefik's figures are what visitors meet. */
export const program = catalogue("program", "1", {
  http_requests_in_flight: gauge("count"),
  http_request_duration_seconds: histogram("seconds", ["method", "route", "status_code"]),
  nodejs_eventloop_lag_seconds: gauge("seconds"),
  process_resident_memory_bytes: gauge("bytes"),
});

/** What our own recording rules make (alerts/objectives.ts). */
export const recorded = catalogue("rules", "1", {
  "slo:sli_error:ratio_rate5m": gauge("ratio", ["slo"]),
  "slo:sli_error:ratio_rate30m": gauge("ratio", ["slo"]),
  "slo:sli_error:ratio_rate1h": gauge("ratio", ["slo"]),
  "slo:sli_error:ratio_rate2h": gauge("ratio", ["slo"]),
  "slo:sli_error:ratio_rate6h": gauge("ratio", ["slo"]),
  "slo:sli_error:ratio_rate1d": gauge("ratio", ["slo"]),
  "slo:sli_error:ratio_rate3d": gauge("ratio", ["slo"]),
  "slo:sli_error:ratio_rate30d": gauge("ratio", ["slo"]),
});

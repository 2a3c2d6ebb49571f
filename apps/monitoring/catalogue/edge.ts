/** Traefik and the blackbox exporter: what visitors meet. */
import { catalogue, counter, gauge, histogram } from "./metric.ts";

/** pkg/observability/metrics/prometheus.go of traefik/traefik. `service` is ours: scrape jobs replace Traefik's own, which stays as exported_service. */
export const traefik = catalogue("traefik", "3.7", {
  traefik_service_requests_total: counter("count", ["code", "method", "protocol", "exported_service"]),
  traefik_service_request_duration_seconds: histogram("seconds", ["code", "method", "protocol", "exported_service"]),
  traefik_service_responses_bytes_total: counter("bytes", ["code", "method", "protocol", "exported_service"]),
  traefik_entrypoint_requests_total: counter("count", ["code", "method", "protocol", "entrypoint"]),
  traefik_entrypoint_responses_bytes_total: counter("bytes", ["code", "method", "protocol", "entrypoint"]),
  traefik_open_connections: gauge("count", ["entrypoint", "protocol"]),
  traefik_tls_certs_not_after: gauge("unix-time", ["cn", "sans", "serial"]),
  traefik_config_last_reload_success: gauge("unix-time"),
  traefik_config_reloads_total: counter("count"),
});

/** Labels beside the exporter's own are given by our probe jobs: the address that was asked, and whether the wall stands there. */
export const blackbox = catalogue("blackbox", "0.26", {
  probe_success: gauge("yes-or-no", ["address", "walled"]),
  probe_duration_seconds: gauge("seconds", ["address", "walled"]),
  probe_http_status_code: gauge("count", ["address", "walled"]),
  probe_ssl_earliest_cert_expiry: gauge("unix-time", ["address", "walled"]),
  probe_http_duration_seconds: gauge("seconds", ["address", "walled", "phase"]),
});

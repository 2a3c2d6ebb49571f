/** The host and its containers. */
import { catalogue, counter, gauge } from "./metric.ts";

/** prometheus/node_exporter. */
export const node = catalogue("node", "1.9", {
  node_memory_MemAvailable_bytes: gauge("bytes"),
  node_memory_MemTotal_bytes: gauge("bytes"),
  node_filesystem_avail_bytes: gauge("bytes", ["device", "fstype", "mountpoint"]),
  node_filesystem_free_bytes: gauge("bytes", ["device", "fstype", "mountpoint"]),
  node_filesystem_size_bytes: gauge("bytes", ["device", "fstype", "mountpoint"]),
  node_filesystem_files: gauge("count", ["device", "fstype", "mountpoint"]),
  node_filesystem_files_free: gauge("count", ["device", "fstype", "mountpoint"]),
  node_filesystem_readonly: gauge("yes-or-no", ["device", "fstype", "mountpoint"]),
  node_cpu_seconds_total: counter("seconds", ["cpu", "mode"]),
  node_load1: gauge("count"),
  node_timex_offset_seconds: gauge("seconds"),
  node_timex_sync_status: gauge("yes-or-no"),
  node_boot_time_seconds: gauge("unix-time"),
  node_textfile_scrape_error: gauge("yes-or-no"),
});

/**
 * The Collector's docker_stats receiver, as its Prometheus exporter names it. `container` labels come from
 * `nl.jlam.service`, and our scrape job makes them the `service` too. Restarts are Docker's own count, which begins at
 * 0 with a container that is made anew.
 */
export const containers = catalogue("collector", "0.155", {
  container_restarts_total: counter("count", ["container", "compose_service"]),
  container_uptime_seconds: gauge("seconds", ["container", "compose_service"]),
  container_memory_usage_total_bytes: gauge("bytes", ["container", "compose_service"]),
  container_memory_usage_limit_bytes: gauge("bytes", ["container", "compose_service"]),
  container_cpu_usage_nanoseconds_total: counter("count", ["container", "compose_service"]),
  container_network_io_usage_tx_bytes_total: counter("bytes", ["container", "compose_service", "interface"]),
  container_network_io_usage_rx_bytes_total: counter("bytes", ["container", "compose_service", "interface"]),
});

/** google/cadvisor, with `--store_container_labels=false` and our service label let through. */
export const cadvisor = catalogue("cadvisor", "0.60", {
  container_start_time_seconds: gauge("unix-time", ["id", "name", "image", "container_label_nl_jlam_service"]),
  container_memory_working_set_bytes: gauge("bytes", ["id", "name", "image", "container_label_nl_jlam_service"]),
  container_oom_events_total: counter("count", ["id", "name", "image", "container_label_nl_jlam_service"]),
  container_health_state: gauge("count", ["id", "name", "image", "container_label_nl_jlam_service"]),
  container_cpu_usage_seconds_total: counter("seconds", ["id", "name", "image", "cpu", "container_label_nl_jlam_service"]),
});

/** Files that node-exporter reads for others: what the environment costs, what of it nobody gave a price, and which images have a successor. */
export const platform = catalogue("node", "1", {
  cost_estimated_euros_per_day: gauge("euros", ["resource"]),
  cost_without_price: gauge("yes-or-no", ["resource"]),
  image_update_available: gauge("yes-or-no", ["image", "current", "newest"]),
});

/** Exporters of databases, and what the backup service says of them. */
import { catalogue, counter, gauge } from "./metric.ts";

/** prometheus-community/postgres_exporter. */
export const postgres = catalogue("postgres", "0.17", {
  pg_up: gauge("yes-or-no"),
  pg_scrape_collector_success: gauge("yes-or-no", ["collector"]),
  pg_database_size_bytes: gauge("bytes", ["datname"]),
  pg_stat_activity_count: gauge("count", ["datname", "state", "usename"]),
  pg_stat_activity_max_tx_duration: gauge("seconds", ["datname", "state", "usename"]),
  pg_settings_max_connections: gauge("count"),
  pg_stat_database_xact_commit: counter("count", ["datid", "datname"]),
  pg_stat_database_xact_rollback: counter("count", ["datid", "datname"]),
  pg_stat_database_deadlocks: counter("count", ["datid", "datname"]),
  pg_stat_database_tup_deleted: counter("count", ["datid", "datname"]),
  pg_stat_database_blks_hit: counter("count", ["datid", "datname"]),
  pg_stat_database_blks_read: counter("count", ["datid", "datname"]),
});

/** oliver006/redis_exporter. */
export const redis = catalogue("redis", "1.69", {
  redis_up: gauge("yes-or-no"),
  redis_memory_used_bytes: gauge("bytes"),
  redis_memory_max_bytes: gauge("bytes"),
  redis_connected_clients: gauge("count"),
  redis_rejected_connections_total: counter("count"),
  redis_evicted_keys_total: counter("count"),
  redis_commands_processed_total: counter("count"),
  redis_aof_last_write_status: gauge("yes-or-no"),
  redis_rdb_last_bgsave_status: gauge("yes-or-no"),
});

/** apps/backup: one series for each resource or volume that has a backup decision. Issue 6 exports them under these names. */
export const backup = catalogue("backup", "1", {
  backup_last_success_timestamp_seconds: gauge("unix-time", ["resource"]),
  backup_last_verified_timestamp_seconds: gauge("unix-time", ["resource"]),
  backup_last_copied_timestamp_seconds: gauge("unix-time", ["resource"]),
  backup_last_drill_timestamp_seconds: gauge("unix-time"),
  backup_drill_recovery_seconds: gauge("seconds"),
  backup_changes_archived_timestamp_seconds: gauge("unix-time", ["resource"]),
  backup_changes_late_seconds: gauge("seconds", ["resource"]),
  backup_base_timestamp_seconds: gauge("unix-time", ["resource"]),
  backup_size_bytes: gauge("bytes", ["resource"]),
  backup_duration_seconds: gauge("seconds", ["resource"]),
});

/** Where logs and traces are kept: Loki and Tempo. */
import { image, scrape, service, yaml } from "@jlam/compose-dsl";
import type { Budget } from "./budget.ts";
import { asksNothing, kept, operations } from "./shared.ts";

const lokiPort = 3100;
const tempoPorts = { http: 3200, otlp: 4318 } as const;

/** The first day of Loki's newest index (its documentation: any day before the first line). */
const schemaFrom = "2026-01-01";

/** One program, one disk. Retention is off unless the compactor is told; labels are the three that the Collector sets. */
const lokiConfiguration = (days: number) => ({
  auth_enabled: false,
  server: { http_listen_port: lokiPort, log_format: "json" },
  common: { instance_addr: "127.0.0.1", path_prefix: "/loki", replication_factor: 1, ring: { kvstore: { store: "inmemory" } }, storage: { filesystem: { chunks_directory: "/loki/chunks", rules_directory: "/loki/rules" } } },
  schema_config: { configs: [{ from: schemaFrom, store: "tsdb", object_store: "filesystem", schema: "v13", index: { prefix: "index_", period: "24h" } }] },
  compactor: { working_directory: "/loki/compactor", retention_enabled: true, delete_request_store: "filesystem" },
  limits_config: {
    retention_period: `${days * 24}h`,
    otlp_config: { resource_attributes: { ignore_defaults: true, attributes_config: [{ action: "index_label", attributes: ["service.name", "deployment.environment.name", "level"] }] } },
  },
  analytics: { reporting_enabled: false },
});

export const loki = (budget: Budget) =>
  service("loki", {
    ...operations,
    // The Collector lets nothing personal through; what slips in is gone with the retention.
    holds: "measurements",
    image: image("loki", "docker.io/grafana/loki:3.7.8", { registryOnly: true }),
    user: "10001:10001",
    command: ["-config.file=/etc/loki/loki.yaml"],
    ports: { http: lokiPort },
    exceptions: asksNothing,
    mounts: { "/loki": kept("loki-data", "some weeks of logs"), "/etc/loki/loki.yaml": yaml(lokiConfiguration(budget.loki.days)) },
    metrics: scrape("http", "/metrics"),
    resources: budget.loki,
  });

/** Monolithic, without Kafka. The blocks that 2.x had for ingester and compactor would stop it from starting. */
const tempoConfiguration = (days: number) => ({
  server: { http_listen_port: tempoPorts.http, log_format: "json" },
  distributor: { receivers: { otlp: { protocols: { http: { endpoint: `0.0.0.0:${tempoPorts.otlp}` } } } } },
  storage: { trace: { backend: "local", wal: { path: "/var/tempo/wal" }, local: { path: "/var/tempo/blocks" } } },
  backend_scheduler: { provider: { compaction: { compaction: { block_retention: `${days * 24}h` } } } },
  usage_report: { reporting_enabled: false },
});

export const tempo = (limits: NonNullable<Budget["tempo"]>) =>
  service("tempo", {
    ...operations,
    holds: "measurements",
    image: image("tempo", "docker.io/grafana/tempo:3.0.3", { registryOnly: true }),
    user: "10001:10001",
    command: ["-target=all", "-config.file=/etc/tempo/tempo.yaml"],
    ports: tempoPorts,
    exceptions: asksNothing,
    mounts: { "/var/tempo": kept("tempo-data", "some days of traces"), "/etc/tempo/tempo.yaml": yaml(tempoConfiguration(limits.days)) },
    metrics: scrape("http", "/metrics"),
    resources: limits,
  });

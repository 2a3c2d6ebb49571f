/** The OpenTelemetry Collector: the one agent for logs, traces and what containers use. */
import { hostPath, image, port, scrape, service, to, yaml, type Endpoint, type Surroundings } from "@jlam/compose-dsl";
import type { Budget } from "./budget.ts";
import { collectorConfiguration } from "./collector-configuration.ts";
import { asksNothing, kept, operations } from "./shared.ts";

export interface CollectorEdges {
  readonly docker: Endpoint;
  readonly loki: Endpoint;
  readonly tempo: Endpoint | undefined;
}

export const collector = (around: Surroundings, budget: Budget, { docker, loki, tempo }: CollectorEdges) => {
  const ports = { metrics: 8889, otlp: 4318 } as const;
  return service("otel-collector", {
    ...operations,
    image: image("opentelemetry-collector", "docker.io/otel/opentelemetry-collector-contrib:0.155.0", { registryOnly: true }),
    user: "0:0",
    command: ["--config=/etc/otelcol/config.yaml"],
    ports,
    connects: {
      docker: to(docker, { because: "asks what containers use" }),
      loki: to(loki, { because: "hands log lines on", wait: false }),
      ...(tempo && { tempo: to(tempo, { because: "hands traces on", wait: false }) }),
    },
    settings: { METRICS_PORT: port("metrics"), OTLP_PORT: port("otlp") },
    mounts: {
      "/etc/otelcol/config.yaml": yaml(collectorConfiguration({ around, docker, loki, tempo, memory: budget.collector.memory })),
      "/var/lib/docker/containers": hostPath("/var/lib/docker/containers", { because: "reads what containers wrote to their logs" }),
      "/var/lib/otelcol": kept("collector-positions", "positions in log files"),
    },
    exceptions: {
      ...asksNothing,
      "non-root": "Docker's directory of logs is root's (0710), and no capability lets another user in",
      "no-host-path": "logs are files of the host; it can only read them",
    },
    metrics: scrape("metrics", "/metrics"),
    resources: budget.collector,
  });
};

/** Prometheus: reads every service that declares metrics, and every answer of a probe. */
import { deferred, directory, http, image, scrape, service, to, yaml, type Edge, type Endpoint } from "@jlam/compose-dsl";
import { dump } from "js-yaml";
import { ruleGroups } from "../alerts/rules-file.ts";
import type { Watched } from "../watched/watched.ts";
import type { Budget } from "./budget.ts";
import { scrapeJobs } from "./scrape-jobs.ts";
import { forOperatorsAndMachines, kept, nobody, operations, wget } from "./shared.ts";

const name = "prometheus";
const configuration = "/etc/prometheus";

/** An edge to every target, and to whom alerts are sent. */
function edges({ targets }: Watched, alertmanager: Endpoint): Readonly<Record<string, Edge<Endpoint>>> {
  const found: Record<string, Edge<Endpoint>> = {};
  for (const { runs, endpoint } of targets) if (runs !== name) found[runs] = to(endpoint, { because: "reads its metrics", wait: false });
  found[alertmanager.service] = to(alertmanager, { because: "sends it alerts, and reads its metrics", wait: false });
  return found;
}

export const prometheus = (watched: Watched, budget: Budget, alertmanager: Endpoint, blackbox: Endpoint) =>
  service(name, {
    ...operations,
    image: image("prometheus", "docker.io/prom/prometheus:v3.14.0", { probe: wget }),
    user: nobody,
    command: [
      `--config.file=${configuration}/prometheus.yml`,
      "--storage.tsdb.path=/prometheus",
      `--storage.tsdb.retention.time=${budget.prometheus.days}d`,
      `--storage.tsdb.retention.size=${budget.prometheus.bytes}`,
      // The directory is watched, so that new rules need no restart.
      "--enable-feature=auto-reload-config",
      "--config.auto-reload-interval=15s",
    ],
    ports: { http: 9090 },
    health: http("http", "/-/healthy"),
    connects: edges(watched, alertmanager),
    mounts: {
      "/prometheus": kept("prometheus-data", "some weeks of measurements"),
      [configuration]: directory({
        "prometheus.yml": yaml({
          global: { scrape_interval: "15s", evaluation_interval: "15s", external_labels: { environment: watched.environment } },
          rule_files: ["rules.yml"],
          alerting: { alertmanagers: [{ static_configs: [{ targets: [`${alertmanager.service}:${alertmanager.number}`] }] }] },
          scrape_configs: scrapeJobs(watched, blackbox),
        }),
        "rules.yml": deferred(watched, () => dump({ groups: ruleGroups(watched) }, { noRefs: true, lineWidth: -1 })),
      }),
    },
    metrics: scrape("http", "/metrics"),
    signIn: forOperatorsAndMachines,
    resources: budget.prometheus,
  });

/** Prometheus' jobs: one for every service that declares metrics, one for every kind of probe. */
import type { Endpoint } from "@jlam/compose-dsl";
import { probeJob } from "../alerts/availability.ts";
import type { Part, Probe, Target, Watched } from "../watched/watched.ts";
import { moduleOf } from "./blackbox.ts";

/** More series of one target than this are a mistake: a label that takes ever new values. */
const sampleLimit = 20_000;

interface Relabel {
  readonly source_labels: readonly string[];
  readonly regex?: string;
  readonly target_label?: string;
  readonly replacement?: string;
}

/** Names as they stand in Traefik's configuration: the service's own, then what tells its routes apart, then the provider. */
const routedName = (service: string): string => `${service}(-[a-z0-9-]+)?@.+`;

/** Traefik's name of a service becomes ours. Longer names come last, so that `notes-admin` doesn't count as `notes`. */
const traefikNames = (parts: readonly Part[]): readonly Relabel[] =>
  parts
    .filter(({ routed }) => routed)
    .map(({ name }) => name)
    .sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
    .map((name) => ({ source_labels: ["exported_service"], regex: routedName(name), target_label: "service", replacement: name }));

/** What figures of a target are about, where it speaks for others. */
function relabelings({ exporter }: Target, parts: readonly Part[]): readonly Relabel[] {
  switch (exporter) {
    case "traefik":
      return traefikNames(parts);
    case "collector":
      return [{ source_labels: ["container"], regex: "(.+)", target_label: "service" }];
    case "cadvisor":
      return [{ source_labels: ["container_label_nl_jlam_service"], regex: "(.+)", target_label: "service" }];
    default:
      return [];
  }
}

function targetJob(target: Target, parts: readonly Part[]) {
  const { runs, service, owner, exporter, endpoint, path, intervalSeconds, coloured } = target;
  const labels = { service, owner, ...(exporter !== undefined && { exporter }) };
  const changed = relabelings(target, parts);
  return {
    job_name: runs,
    metrics_path: path,
    scrape_interval: `${intervalSeconds}s`,
    scrape_timeout: `${Math.min(intervalSeconds, 10)}s`,
    sample_limit: sampleLimit,
    ...(coloured
      ? // Every container that answers to the name, and none that is gone: a colour that waits to be removed is no target.
        { dns_sd_configs: [{ names: [runs], type: "A", port: endpoint.number, refresh_interval: "15s" }], relabel_configs: Object.entries(labels).map(([target_label, replacement]) => ({ target_label, replacement })) }
      : { static_configs: [{ targets: [`${runs}:${endpoint.number}`], labels }] }),
    ...(changed.length > 0 && { metric_relabel_configs: changed }),
  };
}

/** Seconds between two questions: what must page within a minute is asked more often. */
const probeSeconds = 10;

const probeTarget = (probe: Probe) => ({
  targets: [probe.through ?? probe.address],
  labels: {
    service: probe.service,
    owner: probe.owner,
    address: probe.address,
    walled: String(probe.walled),
    __param_module: moduleOf(probe),
  },
});

function probeJobOf(kind: Probe["kind"], probes: readonly Probe[], blackbox: Endpoint) {
  return {
    job_name: probeJob(kind),
    metrics_path: "/probe",
    scrape_interval: `${probeSeconds}s`,
    scrape_timeout: `${probeSeconds}s`,
    static_configs: probes.filter((probe) => probe.kind === kind).map(probeTarget),
    relabel_configs: [
      { source_labels: ["__address__"], target_label: "__param_target" },
      { source_labels: ["address"], target_label: "instance" },
      { target_label: "__address__", replacement: `${blackbox.service}:${blackbox.number}` },
    ],
  };
}

/** All jobs, in the order of the model. */
export function scrapeJobs({ targets, probes, parts }: Watched, blackbox: Endpoint): readonly unknown[] {
  const kinds = (["public", "internal", "tcp"] as const).filter((kind) => probes.some((probe) => probe.kind === kind));
  return [...targets.map((target) => targetJob(target, parts)), ...kinds.map((kind) => probeJobOf(kind, probes, blackbox))];
}

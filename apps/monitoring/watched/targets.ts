/** What Prometheus reads, from whatever declares metrics. */
import { resourceId, type Endpoint, type ServiceNode, type Surroundings } from "@jlam/compose-dsl";
import type { Target } from "./watched.ts";

/** Whose figures an image of this name tells: the label `exporter`. What stands here has a catalogue. */
const exporterOfImage: Readonly<Record<string, string>> = {
  traefik: "traefik",
  prometheus: "prometheus",
  alertmanager: "alertmanager",
  "blackbox-exporter": "blackbox",
  "node-exporter": "node",
  "postgres-exporter": "postgres",
  "redis-exporter": "redis",
  cadvisor: "cadvisor",
  "opentelemetry-collector": "collector",
  loki: "loki",
  web: "program",
};

/** The port that a service's metrics are read from; undefined where it declares none. */
const metricsEndpoint = (service: ServiceNode): Endpoint | undefined => (service.metrics === undefined ? undefined : service.ports[service.metrics.port]);

/** The resource that a service watches: the one it signs in to as `monitoring`. */
function watchedResource(service: ServiceNode): { readonly name: string; readonly owner: string } | undefined {
  for (const { target, as } of Object.values(service.connects)) {
    if (target.kind !== "endpoint" && as === "monitoring") return { name: resourceId(target), owner: target.owner };
  }
  return undefined;
}

/** One target for every service that declares metrics. */
export const targetsOf = ({ services, released }: Pick<Surroundings, "services" | "released">): readonly Target[] =>
  services.flatMap((service) => {
    const endpoint = metricsEndpoint(service);
    if (service.metrics === undefined || endpoint === undefined) return [];
    const about = watchedResource(service) ?? service;
    return {
      runs: service.name,
      service: about.name,
      owner: about.owner,
      exporter: exporterOfImage[service.image.name],
      endpoint,
      path: service.metrics.path,
      intervalSeconds: service.metrics.interval.ms / 1000,
      coloured: released && service.release.kind === "blue-green",
    };
  });

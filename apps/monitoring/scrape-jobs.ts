import { to, type Edge, type Endpoint, type ServiceNode, type Surroundings } from "@jlam/compose-dsl";

type Measured = ServiceNode & { readonly metrics: NonNullable<ServiceNode["metrics"]> };

const measured = (environment: Surroundings): readonly Measured[] =>
  environment.services.filter((service): service is Measured => service.metrics !== undefined);

/** An edge to every service that declares metrics, `self` excepted: a program reaches itself without a network. */
export function scrapeEdges(environment: Surroundings, self: string): Readonly<Record<string, Edge<Endpoint>>> {
  const edges: Record<string, Edge<Endpoint>> = {};
  for (const service of measured(environment)) {
    const endpoint = service.ports[service.metrics.port];
    if (service.name !== self && endpoint) edges[service.name] = to(endpoint, { because: "reads its metrics", wait: false });
  }
  return edges;
}

/** Prometheus' configuration: one scrape job per measured service, its labels the model's own. */
export function prometheusConfiguration(environment: Surroundings): unknown {
  return {
    global: { scrape_interval: "15s", evaluation_interval: "15s", external_labels: { environment: environment.environment } },
    scrape_configs: measured(environment).map((service) => ({
      job_name: service.name,
      metrics_path: service.metrics.path,
      scrape_interval: `${service.metrics.interval.ms / 1000}s`,
      static_configs: [
        {
          targets: [`${service.name}:${service.ports[service.metrics.port]?.number}`],
          labels: { service: service.name, owner: service.owner },
        },
      ],
    })),
  };
}

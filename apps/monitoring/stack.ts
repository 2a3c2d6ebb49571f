import { forwardAuth, http, image, notBackedUp, route, scrape, service, stack, volume, yaml } from "@jlam/compose-dsl";
import { prometheusConfiguration, scrapeEdges } from "./scrape-jobs.ts";

const measurements = volume("prometheus-data", {
  holds: "measurements",
  backup: notBackedUp("35 days of measurements that nobody restores after a disaster"),
});

/** Looks at its environment: whatever declares metrics is measured. */
export default stack("monitoring", (environment) => {
  const prometheus = service("prometheus", {
    owner: "platform",
    zone: "operations",
    image: image("prometheus", "docker.io/prom/prometheus:v3.14.0", { probe: ["wget", "-q", "-O", "/dev/null"] }),
    user: "65534:65534",
    command: ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus", "--storage.tsdb.retention.time=35d"],
    ports: { http: 9090 },
    health: http("http", "/-/healthy"),
    connects: scrapeEdges(environment, "prometheus"),
    mounts: {
      "/prometheus": measurements,
      "/etc/prometheus/prometheus.yml": yaml(prometheusConfiguration(environment)),
    },
    metrics: scrape("http", "/metrics"),
    signIn: forwardAuth({ groups: ["administrators", "operators"] }),
    resources: { memory: "512M", cpus: 0.5 },
  });
  return { services: [prometheus], routes: [route(prometheus.ports.http, { host: "metrics" })] };
});

/** The blackbox exporter: asks as a visitor does, and past the proxy. */
import { http, image, issued, scrape, service, to, yaml, type Certificates, type Edge, type Endpoint, type Surroundings } from "@jlam/compose-dsl";
import type { Probe, Watched } from "../watched/watched.ts";
import type { Budget } from "./budget.ts";
import { nobody, operations, wget } from "./shared.ts";

const certificate = "TLS_CERTIFICATE";

/** How a probe asks: the name of a module of the exporter's configuration. */
export function moduleOf({ kind, walled }: Probe): string {
  switch (kind) {
    case "public":
      return walled ? "behind_the_wall" : "open_to_all";
    case "internal":
      return "health";
    case "tcp":
      return "port";
  }
}

/** A page, or a way to another: whoever isn't signed in is often sent on. */
const open = [200, 204, 301, 302, 303, 307, 308];
/** What a wall answers to a stranger; a page would mean that it has a hole. */
const refused = [302, 303, 401, 403];

function modules(certificates: Certificates) {
  const https = {
    preferred_ip_protocol: "ip4",
    // The name in a redirect leads past the proxy that is asked here.
    follow_redirects: false,
    fail_if_not_ssl: true,
    // Certificates of the machine's own authority are trusted by themselves: no system knows that authority.
    ...(certificates.kind === "local-authority" && { tls_config: { ca_file: `/run/secrets/${certificate}` } }),
  };
  return {
    open_to_all: { prober: "http", timeout: "8s", http: { ...https, valid_status_codes: open } },
    behind_the_wall: { prober: "http", timeout: "8s", http: { ...https, valid_status_codes: refused } },
    health: { prober: "http", timeout: "5s", http: { preferred_ip_protocol: "ip4", follow_redirects: false } },
    port: { prober: "tcp", timeout: "5s", tcp: { preferred_ip_protocol: "ip4" } },
  };
}

/** One edge to each service that a probe must reach. */
function edges({ probes }: Watched): Readonly<Record<string, Edge<Endpoint>>> {
  const found: Record<string, Edge<Endpoint>> = {};
  for (const { reaches } of probes) if (reaches && !(reaches.service in found)) found[reaches.service] = to(reaches, { because: "asks whether it answers", wait: false });
  return found;
}

export const blackboxName = "blackbox-exporter";
export const blackboxPorts = { http: 9115 } as const;

export const blackbox = (watched: Watched, budget: Budget, { certificates }: Surroundings) =>
  service(blackboxName, {
    ...operations,
    image: image("blackbox-exporter", "docker.io/prom/blackbox-exporter:v0.26.0", { probe: wget }),
    user: nobody,
    command: ["--config.file=/etc/blackbox_exporter/config.yml"],
    ports: blackboxPorts,
    health: http("http", "/-/healthy"),
    connects: edges(watched),
    secrets: certificates.kind === "local-authority" ? { [certificate]: issued("certificate") } : {},
    mounts: { "/etc/blackbox_exporter/config.yml": yaml({ modules: modules(certificates) }) },
    metrics: scrape("http", "/metrics"),
    ...(watched.probes.some(({ reaches }) => reaches === undefined) && { reachesOutside: "asks the platform's own public names, and resources that run elsewhere" }),
    resources: budget.exporter,
  });

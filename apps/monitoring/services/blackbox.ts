/** The blackbox exporter: asks as a visitor does, and past the proxy. */
import { http, image, issued, scrape, service, to, yaml, type Certificates, type Edge, type Endpoint, type Surroundings } from "@jlam/compose-dsl";
import type { Probe, Watched } from "../watched/watched.ts";
import type { Budget } from "./budget.ts";
import { nobody, operations, wget } from "./shared.ts";

const certificate = "TLS_CERTIFICATE";

/** How a probe asks: the name of a module of the exporter's configuration. */
export function moduleOf({ kind, walled, through, hostName = "" }: Probe): string {
  switch (kind) {
    case "public":
      return `${walled ? "behind_the_wall" : "open_to_all"}${through === undefined ? "" : `_${hostName}`}`;
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

function publicModule(certificates: Certificates, { walled, through, hostName, address }: Probe) {
  return {
    prober: "http",
    timeout: "8s",
    http: {
      preferred_ip_protocol: "ip4",
      // The name in a redirect leads past the proxy that is asked here.
      follow_redirects: false,
      fail_if_not_ssl: true,
      valid_status_codes: walled ? refused : open,
      // Some pages are there for browsers alone. Where the proxy is asked by its name inside, it must hear what a browser
      // would say: the port is part of that, and of no certificate.
      headers: { Accept: "text/html", ...(through !== undefined && { Host: new URL(address).host }) },
      tls_config: {
        ...(through !== undefined && { server_name: hostName }),
        // Certificates of the machine's own authority are trusted by themselves: no system knows that authority.
        ...(certificates.kind === "local-authority" && { ca_file: `/run/secrets/${certificate}` }),
      },
    },
  };
}

const modules = (certificates: Certificates, { probes }: Watched) => ({
  ...Object.fromEntries(probes.filter(({ kind }) => kind === "public").map((probe) => [moduleOf(probe), publicModule(certificates, probe)])),
  health: { prober: "http", timeout: "5s", http: { preferred_ip_protocol: "ip4", follow_redirects: false } },
  port: { prober: "tcp", timeout: "5s", tcp: { preferred_ip_protocol: "ip4" } },
});

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
    // What a probe found is a figure; its six lines for each would be most of what the platform logs.
    command: ["--config.file=/etc/blackbox_exporter/config.yml", "--log.prober=error"],
    ports: blackboxPorts,
    health: http("http", "/-/healthy"),
    connects: edges(watched),
    secrets: certificates.kind === "local-authority" ? { [certificate]: issued("certificate") } : {},
    mounts: { "/etc/blackbox_exporter/config.yml": yaml({ modules: modules(certificates, watched) }) },
    metrics: scrape("http", "/metrics"),
    ...(watched.probes.some(({ reaches }) => reaches === undefined) && { reachesOutside: "asks the platform's own public names, and resources that run elsewhere" }),
    resources: budget.exporter,
  });

/** Labels that Traefik would not read, or would drop the whole container for. */
import { REMOVED_KEYS } from "./removed.ts";

/** A label that must not be emitted. */
export interface RefusedLabel {
  readonly label: string;
  /** Why, as a sentence without a full stop. */
  readonly reason: string;
  /** What to do about it, likewise. */
  readonly instead: string;
}

/** Labels below `traefik.` that stand alone. */
const SINGLE_LABELS = ["enable", "docker.network", "docker.allownonrunning"];

/** What the docker provider decodes below `traefik.`; anything else it ignores without a word. */
const DECODED_PREFIXES = ["http.", "tcp.", "udp.", "tls.stores.default."];

/** What only a file can say: as labels they make Traefik drop every label of the container. */
const FILE_ONLY = [
  "http.serverstransports", "tcp.serverstransports", "http.services.*.weighted", "http.services.*.mirroring", "http.services.*.failover",
  "http.services.*.highestrandomweight", "tcp.services.*.weighted", "udp.services.*.weighted", "http.routers.*.parentrefs",
];

/**
 * Finds the labels that Traefik 3.7 would ignore, is about to stop reading, or can't read from
 * labels, in the order given. Labels of others (without `traefik.`) are not looked at. That a label
 * isn't found here doesn't mean that its key exists: the types see to that.
 */
export function refusedLabels(labels: Readonly<Record<string, string>>): readonly RefusedLabel[] {
  return Object.keys(labels).flatMap((label) => {
    const lower = label.toLowerCase();
    return lower.startsWith("traefik.") ? refused(label, lower.slice("traefik.".length)) : [];
  });
}

function refused(label: string, path: string): readonly RefusedLabel[] {
  const removed = REMOVED_KEYS.find(({ key }) => isBelow(path, key));
  if (removed !== undefined) {
    return [{ label, reason: `Traefik no longer wants this key since ${removed.since}`, instead: removed.instead }];
  }
  if (FILE_ONLY.some((key) => isBelow(path, key))) {
    return [{ label, reason: "Traefik can't read this from labels and drops all labels of the container", instead: "put it in the file provider" }];
  }
  if (SINGLE_LABELS.includes(path) || DECODED_PREFIXES.some((prefix) => path.startsWith(prefix))) return [];
  return [{ label, reason: "Traefik ignores this label without a word", instead: insteadOfIgnored(path) }];
}

function insteadOfIgnored(path: string): string {
  if (path === "port") return "use traefik.http.services.NAME.loadbalancer.server.port";
  if (path.startsWith("tls.")) return "put TLS options, certificates and stores other than default in the file provider";
  if (path.startsWith("frontend") || path.startsWith("backend")) return "write routers and services: this is Traefik 1";
  return `begin with one of ${DECODED_PREFIXES.map((prefix) => `traefik.${prefix}`).join(", ")}`;
}

function isBelow(path: string, pattern: string): boolean {
  const steps = path.replaceAll(/\[\d+\]/g, "").split(".");
  return pattern.split(".").every((step, index) => (step === "*" ? steps[index] !== undefined : step === steps[index]));
}

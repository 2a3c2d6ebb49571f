/** Everything that monitoring knows of the environment it is in, as plain data: worked out once, read by all that is derived. */
import type { Endpoint, Origin } from "@jlam/compose-dsl";

/** A port that Prometheus reads. */
export interface Target {
  /** Service that answers; the job's name. */
  readonly runs: string;
  /** Service or resource that the figures are about: an exporter speaks for its database. */
  readonly service: string;
  readonly owner: string;
  /** Catalogue of what it says; undefined for programs that nobody made a catalogue of. */
  readonly exporter: string | undefined;
  readonly endpoint: Endpoint;
  readonly path: string;
  readonly intervalSeconds: number;
  /** Whether two containers answer to its name while a release switches from one to the other. */
  readonly coloured: boolean;
}

/** A question that the blackbox exporter asks. */
export interface Probe {
  /** `public`: under the name that visitors use; `internal`: the service itself; `tcp`: whether a port takes connections. */
  readonly kind: "public" | "internal" | "tcp";
  /** Service or resource that it is about. */
  readonly service: string;
  readonly owner: string;
  /** What a person would type: `https://jlam.nl/`, `redis-sessions:6379`. */
  readonly address: string;
  /** What the exporter connects to, when it isn't the address. */
  readonly through: string | undefined;
  /** Name that is asked for there. */
  readonly hostName: string | undefined;
  /** Whether the identity provider's wall stands before it, which must turn strangers away. */
  readonly walled: boolean;
  /** Service of ours that it must reach; undefined for addresses outside. */
  readonly reaches: Endpoint | undefined;
}

/** What users of a service were promised. */
export interface Promised {
  readonly service: string;
  /** Ratio over 30 days. */
  readonly availability: number;
  /** 95 % of answers come within this many seconds. */
  readonly p95Seconds: number | undefined;
  /** `service`: Traefik counts its requests by name; `entrypoint`: it is Traefik, and all requests are its own. */
  readonly counted: "service" | "entrypoint";
}

/** What stops working when `on` does. */
export interface Dependency {
  readonly on: string;
  readonly dependants: readonly string[];
}

/** A resource that needs a set in each night's backup. */
export interface BackedUp {
  readonly resource: string;
  readonly loseAtMostSeconds: number;
  readonly recoverWithinSeconds: number;
}

/** One thing with a name that somebody owns. */
export interface Part {
  readonly name: string;
  readonly owner: string;
  readonly kind: "service" | "job" | "outside";
  readonly routed: boolean;
  /** Bytes that it may use; undefined for what runs elsewhere. */
  readonly memoryLimit: number | undefined;
  /** Where it was declared. */
  readonly at: Origin;
}

export interface Watched {
  readonly environment: string;
  readonly domain: string;
  /** Where Grafana answers, such as `https://monitor.jlam.nl`. */
  readonly grafana: string;
  readonly parts: readonly Part[];
  readonly targets: readonly Target[];
  readonly probes: readonly Probe[];
  /** Services that a developer's machine may have to do without, since no registry gives it their image. */
  readonly maybeAbsent: readonly string[];
  /** Names of the PostgreSQL databases and of the Redis databases, as `service` labels carry them. */
  readonly databases: readonly string[];
  readonly caches: readonly string[];
  readonly promised: readonly Promised[];
  readonly dependencies: readonly Dependency[];
  readonly backedUp: readonly BackedUp[];
  /** Whether a backup service is there that tells of its sets. */
  readonly tellsOfBackups: boolean;
}

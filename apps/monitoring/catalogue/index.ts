/** Every catalogue, so that a check can compare what is read with what is known. */
import type { Catalogue } from "./metric.ts";
import { backup, postgres, redis } from "./data.ts";
import { blackbox, traefik } from "./edge.ts";
import { cadvisor, containers, node, platform } from "./machine.ts";
import { alertmanager, collector, loki, program, prometheus, recorded, scraped } from "./own.ts";

/** One for each program that tells something, with the `exporter` that its targets carry. */
export const catalogues: readonly Catalogue[] = [
  traefik, blackbox, postgres, redis, backup, node, containers, cadvisor, platform,
  scraped, prometheus, alertmanager, collector, loki, program, recorded,
];

/**
 * Names of all series that the catalogues know, those of histograms in their three forms.
 */
export const knownSeries: ReadonlySet<string> = new Set(
  catalogues.flatMap(({ metrics }) =>
    Object.values(metrics).flatMap(({ name, kind }) => (kind === "histogram" ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name])),
  ),
);

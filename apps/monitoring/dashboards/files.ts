/** The directory of dashboards that Grafana reads. Worked out when it is written: nothing else in the model depends on it. */
import { deferred, type ConfigFile } from "@jlam/compose-dsl";
import type { Watched } from "../watched/watched.ts";
import { dashboardFile, type DashboardSpec } from "./dashboard.ts";
import { fiveDashboards } from "./five.ts";
import { serviceDashboards } from "./of-service.ts";

/** Every dashboard of an environment. */
export const allDashboards = (watched: Watched): readonly DashboardSpec[] => [...fiveDashboards(watched), ...serviceDashboards(watched)];

/** One line for each panel, so that a review shows what changed and files stay small. */
function fileText(spec: DashboardSpec): string {
  const { panels, ...about } = dashboardFile(spec);
  const head = JSON.stringify(about, undefined, 1);
  return `${head.slice(0, -2)},\n "panels": [\n${panels.map((panel) => `  ${JSON.stringify(panel)}`).join(",\n")}\n ]\n}\n`;
}

/** By file name. */
export const dashboardFiles = (watched: Watched): Readonly<Record<string, ConfigFile>> =>
  Object.fromEntries(allDashboards(watched).map((spec) => [`${spec.uid}.json`, deferred(spec, () => fileText(spec))]));

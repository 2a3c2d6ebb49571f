/** The directory of dashboards that Grafana reads. Worked out when it is written: nothing else in the model depends on it. */
import { deferred, type ConfigFile } from "@jlam/compose-dsl";
import type { Watched } from "../watched/watched.ts";
import { dashboardFile, type DashboardSpec } from "./dashboard.ts";
import { fiveDashboards, fiveUids } from "./five.ts";
import { hasDashboard, serviceDashboards, serviceDashboardUid } from "./of-service.ts";

/** Every dashboard of an environment. */
export const allDashboards = (watched: Watched): readonly DashboardSpec[] => [...fiveDashboards(watched), ...serviceDashboards(watched)];

/** One line for each panel, so that a review shows what changed and files stay small. */
function fileText(spec: DashboardSpec): string {
  const { panels, ...about } = dashboardFile(spec);
  const head = JSON.stringify(about, undefined, 1);
  return `${head.slice(0, -2)},\n "panels": [\n${panels.map((panel) => `  ${JSON.stringify(panel)}`).join(",\n")}\n ]\n}\n`;
}

/**
 * By file name. What a dashboard shows is worked out when its file is written, once for all of them: while stacks settle,
 * the stack's own rules, which rest on the same facts, tell one round from another.
 */
export function dashboardFiles(watched: Watched): Readonly<Record<string, ConfigFile>> {
  let texts: ReadonlyMap<string, string> | undefined;
  const textOf = (uid: string): string => {
    texts ??= new Map(allDashboards(watched).map((spec) => [spec.uid, fileText(spec)]));
    return texts.get(uid) ?? "";
  };
  const uids = [...fiveUids, ...watched.parts.filter(hasDashboard).map(({ name }) => serviceDashboardUid(name))];
  return Object.fromEntries(uids.map((uid) => [`${uid}.json`, deferred(uid, () => textOf(uid))]));
}

/** A dashboard: rows of panels, placed from left to right. */
import { placed, type PanelSpec, type PlacedPanel } from "./panel.ts";

export interface RowSpec {
  readonly title: string;
  readonly panels: readonly PanelSpec[];
}

export interface DashboardSpec {
  /** Never changes: links and bookmarks use it. At most 40 characters, Grafana's limit. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly rows: readonly RowSpec[];
}

interface RowHeader {
  readonly type: "row";
  readonly id: number;
  readonly title: string;
  readonly collapsed: false;
  readonly gridPos: PlacedPanel["gridPos"];
  readonly panels: readonly [];
}

/** A dashboard's file, in the classic schema that file provisioning reads. */
export interface DashboardFile {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly timezone: string;
  readonly editable: false;
  readonly graphTooltip: number;
  readonly time: { readonly from: string; readonly to: string };
  readonly refresh: string;
  readonly schemaVersion: number;
  readonly templating: { readonly list: readonly [] };
  readonly annotations: { readonly list: readonly [] };
  readonly panels: readonly (PlacedPanel | RowHeader)[];
}

/** The schema that Grafana 12 and 13 write for classic dashboards. */
const schemaVersion = 42;
const columns = 24;
const heights = { lines: 8, figure: 4, log: 9 } as const;

function layout(rows: readonly RowSpec[]): DashboardFile["panels"] {
  const out: (PlacedPanel | RowHeader)[] = [];
  let y = 0;
  for (const { title, panels } of rows) {
    out.push({ type: "row", id: out.length + 1, title, collapsed: false, gridPos: { x: 0, y, w: columns, h: 1 }, panels: [] });
    y += 1;
    let x = 0;
    let tallest = 0;
    for (const panel of panels) {
      const w = panel.width ?? 12;
      const h = heights[panel.kind];
      if (x + w > columns) {
        [x, y, tallest] = [0, y + tallest, 0];
      }
      out.push(placed(panel, out.length + 1, { x, y, w, h }));
      x += w;
      tallest = Math.max(tallest, h);
    }
    y += tallest;
  }
  return out;
}

/** The file. @throws RangeError for a uid that Grafana refuses */
export function dashboardFile({ uid, title, description, rows }: DashboardSpec): DashboardFile {
  if (!/^[a-zA-Z0-9_-]{1,40}$/.test(uid)) throw new RangeError(`"${uid}" can't be a dashboard's uid: letters, digits, - and _, at most 40`);
  return {
    uid,
    title,
    description,
    tags: ["jlam"],
    timezone: "Europe/Amsterdam",
    editable: false,
    // One crosshair over all panels.
    graphTooltip: 1,
    time: { from: "now-6h", to: "now" },
    refresh: "30s",
    schemaVersion,
    templating: { list: [] },
    annotations: { list: [] },
    panels: layout(rows),
  };
}

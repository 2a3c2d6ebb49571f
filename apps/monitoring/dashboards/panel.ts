/**
 * Panels of Grafana dashboards. Shapes are the types of Grafana's own SDK, its builders aren't loaded: they take longer
 * than the whole of synth, and leave out what a panel needs (ids, references of queries, how a figure is reduced).
 */
import type { Panel } from "@grafana/grafana-foundation-sdk/dashboard";
import type { Options as LogsOptions } from "@grafana/grafana-foundation-sdk/logs";
import type { dataquery as LokiQuery } from "@grafana/grafana-foundation-sdk/loki";
import type { Dataquery as PrometheusQuery } from "@grafana/grafana-foundation-sdk/prometheus";
import type { Options as StatOptions } from "@grafana/grafana-foundation-sdk/stat";
import type { Options as TimeseriesOptions } from "@grafana/grafana-foundation-sdk/timeseries";
import type { Threshold } from "../alerts/threshold.ts";
import type { Unit } from "../catalogue/metric.ts";
import type { Expression } from "../expression/expression.ts";
import { sourceUids } from "../services/source-uids.ts";

/** The SDK's types as JSON has them: members of enumerations are the texts that they stand for. */
type Written<T> = T extends string ? `${T}` : T extends readonly (infer U)[] ? readonly Written<U>[] : T extends object ? { readonly [K in keyof T]: Written<T[K]> } : T;

/** The SDK marks its queries with a member that never stands in a file. */
type Target = Omit<Written<PrometheusQuery> | Written<LokiQuery>, "_implementsDataqueryVariant">;

/** A panel as it stands in a dashboard's file. */
export type PlacedPanel = Omit<Written<Panel>, "targets" | "gridPos" | "id"> & {
  readonly id: number;
  readonly targets: readonly Target[];
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
};

interface Query {
  readonly expression: Expression;
  /** Name of a series: `{{service}}`. */
  readonly legend: string;
}

interface Common {
  readonly title: string;
  /** What it shows, and when it is bad. */
  readonly description: string;
  /** Columns of 24; 12 unless said otherwise. */
  readonly width?: 4 | 6 | 8 | 12 | 24;
  /** Why it shows nothing on a healthy or a small stack, so that nobody looks for a mistake. */
  readonly emptyBecause?: string;
}

export interface FiguresSpec extends Common {
  readonly kind: "lines" | "figure";
  readonly unit: Unit;
  readonly queries: readonly [Query, ...Query[]];
  /** The limit of an alert, drawn as a line; `bad` is the side on which it is exceeded. */
  readonly threshold?: { readonly of: Threshold; readonly bad: "above" | "below" };
}

export interface LinesOfLogSpec extends Common {
  readonly kind: "log";
  /** LogQL with labels of the pipeline only. */
  readonly query: string;
}

export type PanelSpec = FiguresSpec | LinesOfLogSpec;

/** Grafana's names of units. */
const grafanaUnit: Readonly<Record<Unit, string>> = { seconds: "s", bytes: "bytes", ratio: "percentunit", euros: "currencyEUR", count: "short", "yes-or-no": "bool_yes_no", "unix-time": "dateTimeAsIso" };

const prometheus = { type: "prometheus", uid: sourceUids.prometheus } as const;
const loki = { type: "loki", uid: sourceUids.loki } as const;

const timeseriesOptions: Written<TimeseriesOptions> = {
  legend: { displayMode: "list", placement: "bottom", showLegend: true, calcs: [] },
  tooltip: { mode: "multi", sort: "desc" },
};
const statOptions: Written<StatOptions> = {
  graphMode: "none",
  colorMode: "value",
  justifyMode: "auto",
  textMode: "auto",
  wideLayout: true,
  showPercentChange: false,
  percentChangeColorMode: "standard",
  reduceOptions: { calcs: ["lastNotNull"], values: false, fields: "" },
  orientation: "auto",
};
const logsOptions: Written<LogsOptions> = {
  showLabels: false,
  showCommonLabels: false,
  showTime: true,
  wrapLogMessage: true,
  prettifyLogMessage: false,
  enableLogDetails: true,
  showLogContextToggle: false,
  sortOrder: "Descending",
  dedupStrategy: "none",
};

const letters = "ABCDEFGH";

const queriesOf = ({ queries, kind }: FiguresSpec) =>
  queries.map(({ expression, legend }, index) => ({ refId: letters.charAt(index), datasource: prometheus, expr: expression.text, legendFormat: legend, ...(kind === "figure" ? { instant: true } : { range: true }) }));

/** Green on the good side of the limit, red on the other. */
function steps({ threshold }: FiguresSpec) {
  if (!threshold) return [{ value: null, color: "text" }];
  const [below, above] = threshold.bad === "above" ? ["green", "red"] : ["red", "green"];
  return [{ value: null, color: below }, { value: threshold.of.value, color: above }];
}

function figures(spec: FiguresSpec): Omit<PlacedPanel, "id" | "gridPos"> {
  return {
    type: spec.kind === "lines" ? "timeseries" : "stat",
    datasource: prometheus,
    targets: queriesOf(spec),
    options: spec.kind === "lines" ? timeseriesOptions : statOptions,
    fieldConfig: {
      defaults: {
        unit: grafanaUnit[spec.unit],
        noValue: spec.emptyBecause ?? "nothing is known",
        thresholds: { mode: "absolute", steps: steps(spec) },
        ...(spec.kind === "lines" && { custom: spec.threshold ? { thresholdsStyle: { mode: "line" } } : {} }),
      },
      overrides: [],
    },
  };
}

/** The panel as Grafana reads it, at this place of the grid. */
export function placed(spec: PanelSpec, id: number, gridPos: PlacedPanel["gridPos"]): PlacedPanel {
  const { title, description, emptyBecause } = spec;
  const about = { id, title, description: emptyBecause === undefined ? description : `${description} Empty here: ${emptyBecause}.`, gridPos };
  if (spec.kind === "log") {
    return { ...about, type: "logs", datasource: loki, targets: [{ refId: "A", datasource: loki, expr: spec.query, queryType: "range" }], options: logsOptions };
  }
  return { ...about, ...figures(spec) };
}

/** Every service against what must be known of it: a cell is filled by something of the model, or says why it can't be. */
import type { Diagnostic, Origin } from "@jlam/compose-dsl";
import { hasDashboard } from "../dashboards/of-service.ts";
import type { Part, Watched } from "../watched/watched.ts";

export const aspects = ["liveness", "saturation", "errors", "logs", "dashboard", "owner"] as const;
export type Aspect = (typeof aspects)[number];

export type Cell = { readonly by: string } | { readonly notBecause: string } | undefined;

export interface Row {
  readonly name: string;
  /** Where it was declared. */
  readonly at: Origin;
  readonly cells: Readonly<Record<Aspect, Cell>>;
}

const by = (what: string): Cell => ({ by: what });
const notBecause = (reason: string): Cell => ({ notBecause: reason });

function liveness({ name, kind }: Part, { probes, targets }: Watched): Cell {
  if (kind === "job") return notBecause("runs once; whoever waits for it doesn't start without it");
  if (probes.some(({ service }) => service === name)) return by("probe");
  if (targets.some(({ runs }) => runs === name)) return by("metrics");
  return kind === "service" ? by("restarts") : undefined;
}

function saturation({ name, kind }: Part, { databases }: Watched): Cell {
  if (kind !== "outside") return by("memory and processor of its container");
  if (databases.includes(name)) return by("connections");
  return notBecause("runs elsewhere, and its provider tells nothing of it");
}

function errors({ name, kind, routed }: Part, { targets, promised, databases, caches, probes }: Watched): Cell {
  if (routed || promised.some(({ service }) => service === name)) return by("answers with an error");
  if (databases.includes(name) || caches.includes(name)) return by("exporter");
  if (targets.some(({ runs }) => runs === name)) return by("metrics, and its log by level");
  if (kind !== "outside") return by("its log by level");
  return probes.some(({ service }) => service === name) ? by("refused connections") : undefined;
}

const logs = ({ kind }: Part): Cell => (kind === "outside" ? notBecause("its provider keeps its log") : by("collector"));

/** The matrix of one environment. */
export const coverageOf = (watched: Watched): readonly Row[] =>
  watched.parts.map((part) => ({
    name: part.name,
    at: part.at,
    cells: {
      liveness: liveness(part, watched),
      saturation: saturation(part, watched),
      errors: errors(part, watched),
      logs: logs(part),
      dashboard: hasDashboard(part) ? by("one of its own") : notBecause("runs once; its log says how it ended"),
      owner: part.owner === "" ? undefined : by(part.owner),
    },
  }));

/** What a check says to every empty cell, at the declaration of what nobody watches. */
export const coverageFindings = (watched: Watched): readonly Diagnostic[] =>
  coverageOf(watched).flatMap(({ name, at, cells }) =>
    aspects
      .filter((aspect) => cells[aspect] === undefined)
      .map((aspect) => ({
        rule: "unwatched",
        severity: "error" as const,
        subject: `${name} ${aspect}`,
        message: `nothing tells of the ${aspect} of "${name}"`,
        why: "what nobody watches is found to be broken by those who need it",
        fix: aspect === "owner" ? "say whose it is" : "give it metrics or a route, or teach apps/monitoring/coverage/coverage.ts what else tells of it",
        at,
      })),
  );

/** The matrix as a table for people, reasons below it. */
export function coverageTable(rows: readonly Row[]): string {
  const text = (cell: Cell): string => (cell === undefined ? "MISSING" : "by" in cell ? cell.by : "–");
  const lines = rows.map(({ name, cells }) => `| ${[name, ...aspects.map((aspect) => text(cells[aspect]))].join(" | ")} |`);
  const reasons = rows.flatMap(({ name, cells }) =>
    aspects.flatMap((aspect) => {
      const cell = cells[aspect];
      return cell !== undefined && "notBecause" in cell ? [`- ${name}, ${aspect}: ${cell.notBecause}`] : [];
    }),
  );
  return [`| service | ${aspects.join(" | ")} |`, `|---|${aspects.map(() => "---").join("|")}|`, ...lines, "", ...reasons].join("\n");
}

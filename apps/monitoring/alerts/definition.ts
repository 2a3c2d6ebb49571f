/** What an alert is: one description, from which rule, route, runbook, dashboard and proof follow. */
import type { Severity } from "@jlam/compose-dsl";
import type { Expression, Window } from "../expression/expression.ts";
import type { Watched } from "../watched/watched.ts";
import type { Threshold } from "./threshold.ts";

export type Category = "availability" | "data" | "machine" | "traffic" | "security" | "objectives" | "backup" | "cost" | "monitoring";

/** Dashboards that an alert can send people to, by their uid in Grafana. */
export type DashboardUid = "executive-overview" | "system-health" | "application-performance" | "security-operations" | "cost-analysis";

/** One rule of an alert. Several rules of one alert differ in their labels. */
export interface Condition {
  readonly expression: Expression;
  /** Labels that the expression's series lack. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** How the alert is made to fire on a real stack, so that a test has seen it (tests/integration/monitoring makes each fault). */
export type Provocation =
  | { readonly how: "fault"; readonly fault: string }
  | { readonly how: "always" }
  /** Nobody can provoke it on one machine in minutes: reported as unproven, with the reason; its rule has its unit test. */
  | { readonly how: "unproven"; readonly because: string };

/** Where a runbook's commands are to be run. */
export interface Place {
  readonly environment: string;
  /** A service that the alert can be about. */
  readonly service: string;
}

export interface Definition {
  /** In PascalCase: also the name of the runbook. */
  readonly name: string;
  readonly severity: Severity;
  readonly category: Category;
  /** `down`: what depends on its `service` is down too, and keeps silent. */
  readonly means?: "down";
  /** Alerts about the same thing that say less than this one. */
  readonly overrules?: readonly string[];
  readonly threshold?: Threshold;
  /** How long it must hold. */
  readonly for: Window;
  /** One line for a phone; Prometheus fills in `{{ $labels.… }}`. */
  readonly summary: string;
  /** What it means for people, and what is likely behind it. */
  readonly meaning: string;
  /** What to do first. */
  readonly commands: (at: Place) => readonly [string, string, string];
  /** How to tell that it is over. */
  readonly over: string;
  readonly dashboard: DashboardUid;
  readonly provoke: Provocation;
  /** Names of services that the runbook's commands may take as example; all of them unless said otherwise. */
  readonly about?: (watched: Watched) => readonly string[];
  readonly when: (watched: Watched) => readonly Condition[];
}

/** One rule that is the same in every environment. */
export const everywhere = (expression: Expression) => (): readonly Condition[] => [{ expression }];

/** What Prometheus knows of an environment right now: alerts, and what is left of each promise. */
import { budgetsOf, deadMansSwitch, type Slo } from "@jlam/monitoring/alerts";
import type { Watched } from "@jlam/monitoring/watch";
import { z } from "zod";
import { Unanswered, type Ask } from "./ask.ts";

export interface FiringAlert {
  readonly name: string;
  readonly severity: string;
  /** Service or resource that it is about; undefined for what is about none. */
  readonly service: string | undefined;
  readonly summary: string;
  /** When it began to hold, in UTC (ISO 8601). */
  readonly since: string;
}

export interface ErrorBudget {
  readonly service: string;
  readonly slo: Slo;
  /** Share of the 30 days' budget that is left, below 0 when the promise is broken; undefined while nobody asked anything. */
  readonly left: number | undefined;
}

export interface Reading {
  /** The gravest first; without the dead-man's switch, which always fires. */
  readonly alerts: readonly FiringAlert[];
  readonly budgets: readonly ErrorBudget[];
}

const alertsAnswer = z.object({
  data: z.object({
    alerts: z.array(z.object({ labels: z.record(z.string(), z.string()), annotations: z.record(z.string(), z.string()), state: z.string(), activeAt: z.string() })),
  }),
});
const queryAnswer = z.object({ data: z.object({ result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })) }) });

/** Asks Prometheus. @throws Unanswered */
export async function readPrometheus(ask: Ask, watched: Watched): Promise<Reading> {
  const budgets = budgetsOf(watched);
  const query = new URLSearchParams({ query: budgets.usedUp });
  const [alerts, ratios] = await Promise.all([answer(ask, "/api/v1/alerts", alertsAnswer), answer(ask, `/api/v1/query?${query.toString()}`, queryAnswer)]);
  const used = new Map(ratios.data.result.map(({ metric, value }) => [`${metric["service"] ?? ""} ${metric["slo"] ?? ""}`, Number(value[1])]));
  return {
    alerts: alerts.data.alerts
      .filter(({ state, labels }) => state === "firing" && labels["alertname"] !== deadMansSwitch)
      .map(({ labels, annotations, activeAt }) => ({ name: labels["alertname"] ?? "", severity: labels["severity"] ?? "", service: labels["service"], summary: annotations["summary"] ?? "", since: new Date(activeAt).toISOString() }))
      .sort((a, b) => compare(a.severity, b.severity) || compare(a.name, b.name) || compare(a.service ?? "", b.service ?? "")),
    budgets: budgets.of.map(({ service, slo, share }) => {
      const ratio = used.get(`${service} ${slo}`);
      return { service, slo, left: ratio === undefined || Number.isNaN(ratio) ? undefined : 1 - ratio / share };
    }),
  };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

async function answer<T>(ask: Ask, path: string, schema: z.ZodType<T>): Promise<T> {
  const { status, body } = await ask({ path });
  if (status !== 200) throw new Unanswered(`Prometheus answers ${status}: ${body.trim()}`);
  return schema.parse(JSON.parse(body));
}

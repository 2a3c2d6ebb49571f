/** Prometheus' rules, as it reads them. */
import type { Expression } from "../expression/expression.ts";
import type { Watched } from "../watched/watched.ts";
import { definitions, evaluationSeconds } from "./index.ts";
import type { Definition } from "./definition.ts";
import { monthlyRatios, recordings, type Recording } from "./objectives.ts";

interface AlertingRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface RuleGroup {
  readonly name: string;
  readonly interval: string;
  readonly rules: readonly (AlertingRule | RecordingRule)[];
}

/** Where an alert's page is, from the repository's root. */
export const runbookPath = (name: string): string => `docs/runbooks/${name}.md`;

/** The rules of one alert in one environment. */
export const alertingRules = (definition: Definition, watched: Watched): readonly AlertingRule[] =>
  definition.when(watched).map(({ expression, labels }) => ({
    alert: definition.name,
    expr: expression.text,
    ...(definition.for !== "0s" && { for: definition.for }),
    labels: { severity: definition.severity, category: definition.category, ...labels },
    annotations: {
      summary: definition.summary,
      runbook_url: runbookPath(definition.name),
      dashboard_url: `${watched.grafana}/d/${definition.dashboard}`,
    },
  }));

const recordingRule = ({ record, expression, labels }: Recording): RecordingRule => ({ record, expr: expression.text, labels });

/** All groups: recordings first, since alerts read them; one group for each category. */
export function ruleGroups(watched: Watched): readonly RuleGroup[] {
  const categories = [...new Set(definitions.map(({ category }) => category))];
  const groups: readonly RuleGroup[] = [
    { name: "objectives-recorded", interval: "30s", rules: recordings(watched).map(recordingRule) },
    { name: "objectives-monthly", interval: "5m", rules: monthlyRatios(watched).map(recordingRule) },
    ...categories.map((category) => ({
      name: category,
      interval: `${evaluationSeconds(category)}s`,
      rules: definitions.filter((definition) => definition.category === category).flatMap((definition) => alertingRules(definition, watched)),
    })),
  ];
  return groups.filter(({ rules }) => rules.length > 0);
}

/** Names of every metric that the rules of an environment read, for a check against a running Prometheus. */
export const metricsRead = (watched: Watched): readonly string[] => {
  const expressions: readonly Expression[] = [
    ...[...recordings(watched), ...monthlyRatios(watched)].map(({ expression }) => expression),
    ...definitions.flatMap(({ when }) => when(watched).map(({ expression }) => expression)),
  ];
  return [...new Set(expressions.flatMap(({ metrics }) => metrics))].sort();
};

/** A picture of an environment in lines, for a terminal. Pure. */
import { stateOf } from "../runtime/status.ts";
import { formatBytes, formatDuration } from "../runtime/format.ts";
import { tableLines } from "../terminal/output.ts";
import type { Picture } from "./picture.ts";
import type { ErrorBudget, FiringAlert } from "./reading.ts";

/** Dyes a word; the identity where no terminal shows colours. */
export type Dye = (colour: "red" | "yellow" | "green" | "dim" | "bold", text: string) => string;

/** Services with their state, then what fires and what is left of each promise. */
export function describePicture({ environment, at, services, monitoring }: Picture, dye: Dye): readonly string[] {
  const now = Date.parse(at);
  const ago = (since: string): string => formatDuration(Math.max(0, now - Date.parse(since)));
  const started = services.filter(({ status }) => status !== "absent");
  const absent = services.filter(({ status }) => status === "absent").map(({ service }) => service);
  if (started.length === 0) return [`${environment} is down; \`jlam up ${environment}\` boots it.`];
  const table = tableLines(
    ["service", "state", "since", "restarts", "memory"],
    started.map((service) => [
      service.service,
      stateOf(service),
      service.since === undefined ? "" : `${ago(service.since)} ago`,
      service.restarts === 0 ? "" : String(service.restarts),
      service.memory === undefined ? "" : `${formatBytes(service.memory)} of ${formatBytes(service.memoryLimit)}`,
    ]),
  );
  return [
    `${dye("bold", environment)} ${dye("dim", `at ${clock.format(now)}`)}`,
    "",
    ...table,
    ...(absent.length === 0 ? [] : [dye("dim", `not started: ${absent.join(", ")}`)]),
    "",
    ...(monitoring.kind === "read" ? [...describeAlerts(monitoring.alerts, ago, dye), "", ...describeBudgets(monitoring.budgets, dye)] : [dye("yellow", `Alerts and error budgets are unknown: ${monitoring.why}`)]),
  ];
}

function describeAlerts(alerts: readonly FiringAlert[], ago: (since: string) => string, dye: Dye): readonly string[] {
  if (alerts.length === 0) return [dye("green", "No alert fires.")];
  return alerts.map(({ name, severity, since, summary }) => `${dye(severity === "P1" ? "red" : "yellow", `${severity} ${name}`)} ${dye("dim", `for ${ago(since)}`)}  ${summary}`);
}

/** `web availability  97 %`: of the error budget of 30 days. */
function describeBudgets(budgets: readonly ErrorBudget[], dye: Dye): readonly string[] {
  if (budgets.length === 0) return [];
  const rows = budgets.map(({ service, slo, left }) => [service, slo, left === undefined ? "unknown: nobody asked anything yet" : percent(left)]);
  const lines = tableLines(["error budget", "of", "left of 30 days"], rows);
  return lines.map((line, index) => ((budgets[index - 1]?.left ?? 1) < 0 ? dye("red", line) : line));
}

/** Rounded down: a budget that isn't whole any more is never called whole. */
const percent = (share: number): string => `${Math.floor(share * 1000) / 10} %`;

const clock = new Intl.DateTimeFormat("nl-NL", { timeZone: "Europe/Amsterdam", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

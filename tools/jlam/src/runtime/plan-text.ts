/** A plan in words, for `up --dry-run`. Pure. */
import { count } from "./format.ts";
import type { Action, PlannedService } from "./plan.ts";
import type { LeftOut } from "./selection.ts";

const verbs: Readonly<Record<Exclude<Action, "keep">, string>> = {
  create: "would be created",
  recreate: "would be recreated",
  start: "would be started",
  "run-again": "would run again",
};

/** One line per service that would be touched, and how many stay. */
export function describePlan(plan: readonly PlannedService[], leftOut: readonly LeftOut[]): readonly string[] {
  const touched = plan.flatMap(({ service, action, because }) => (action === "keep" ? [] : [`${service} ${verbs[action]}: ${because}`]));
  const kept = plan.length - touched.length;
  return [
    ...touched,
    ...(kept > 0 ? [`${count(kept, "service")} would stay as ${kept === 1 ? "it is" : "they are"}`] : []),
    ...leftOut.map(({ service, reason }) => `${service} would be left out: ${reason}`),
  ];
}

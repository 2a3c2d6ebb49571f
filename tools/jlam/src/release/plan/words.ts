/** A plan as lines for people. */
import { shortId } from "../record/release.ts";
import { inWords } from "../gates/soak.ts";
import type { Plan, PlannedAction } from "./plan.ts";

const verbs: Readonly<Record<PlannedAction["kind"], string>> = {
  set: "make",
  migrate: "migrate",
  create: "create",
  start: "start",
  reload: "reload",
  "blue-green": "switch",
  recreate: "recreate",
  run: "run",
  remove: "remove",
};

/** What it does in order, what each step costs, what keeps it from being carried out, and its hash. */
export function planInWords(plan: Plan): readonly string[] {
  const { environment, from, to, actions, blockers, accepted, risk, hash } = plan;
  return [
    `${environment}: ${from === null ? "nothing" : shortId(from)} → ${shortId(to)}, risk ${risk}`,
    ...(actions.length === 0 ? ["", "Nothing changes."] : []),
    ...actions.flatMap((action, index) => ["", ...actionLines(action, index + 1)]),
    ...(accepted.length === 0 ? [] : ["", "Accepted", ...accepted.map(({ message }) => `  ! ${message}`)]),
    ...(blockers.length === 0 ? [] : ["", "Blocked", ...blockers.flatMap(({ message, fix }) => [`  ✖ ${message}`, `    ${fix}`])]),
    "",
    `plan ${hash}`,
  ];
}

function actionLines({ kind, subject, because, routes, interruptionMs, data, risk }: PlannedAction, number: number): readonly string[] {
  const touched = routes.length === 0 ? "no address" : routes.join(", ");
  const wait = interruptionMs === 0 ? "nobody waits" : `away for at most about ${inWords(interruptionMs)}`;
  return [
    `${number}. ${verbs[kind]} ${subject} (risk ${risk}; ${wait})`,
    ...because.map((reason) => `   because ${reason}`),
    `   touches ${touched}${data.length === 0 ? "" : `; data: ${data.join(", ")}`}`,
  ];
}

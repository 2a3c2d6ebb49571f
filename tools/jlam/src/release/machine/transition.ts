/** What comes next in an undertaking. Pure, and the only place that knows the order of steps and the ways back. */
import type { Step } from "../journal/entry.ts";
import type { Run } from "./situation.ts";

/** The way of a new version, and the way back to an old one, which needs nothing but what is on the host. */
const ways: Readonly<Record<Run["action"], readonly Step[]>> = {
  deploy: ["begin", "preflight", "upload", "pull", "set", "services", "migrate", "start", "healthy", "smoke", "switch", "confirm", "drain", "watch", "finish"],
  rollback: ["begin", "preflight", "start", "healthy", "switch", "confirm", "drain", "services", "finish"],
};

/** How an undertaking ended, or that it waits for a person. */
export type End = "finished" | "reverted" | "held";

export type Decision = { readonly do: Step } | { readonly end: End };

/**
 * The next step. A step that began and of which no more is known is done again: every step may be done twice.
 * `held` waits for a person or for the next run of the command, which does the step again: see `resumed`.
 */
export function next({ action, step, outcome, switched, from }: Pick<Run, "action" | "step" | "outcome" | "switched" | "from">): Decision {
  switch (outcome) {
    case "began":
      return { do: step };
    case "held":
      return { end: "held" };
    case "done":
      if (step === "finish") return { end: "finished" };
      if (step === "revert") return { end: "reverted" };
      if (step === "switch-back") return { do: "revert" };
      return { do: following(ways[action], step) };
    case "failed":
      return failed(step, switched, from !== undefined, action);
  }
}

function following(way: readonly Step[], step: Step): Step {
  const found = way[way.indexOf(step) + 1];
  // A step that is no part of the way was written by another version of jlam: end what can be ended.
  return found ?? "finish";
}

function failed(step: Step, switched: boolean, hasFormer: boolean, action: Run["action"]): Decision {
  // The way back failed, or what is left is only tidying up: nothing better is known, so a person decides.
  if (step === "switch-back" || step === "revert" || step === "finish") return { end: "held" };
  if (!switched) return { do: "revert" };
  // After a rollback has switched, the version that it left is the worse one.
  if (!hasFormer || (action === "rollback" && step !== "switch" && step !== "confirm")) return { end: "held" };
  return { do: "switch-back" };
}

/** How an undertaking that was held or interrupted goes on when somebody runs the command again. */
export const resumed = (run: Run): Run => (run.outcome === "held" || (run.outcome === "failed" && "end" in next(run)) ? { ...run, outcome: "began" } : run);

/**
 * How an undertaking goes on that somebody gave up for another one: as if its last step had failed. A way back goes on;
 * and where there is none, what is left undone is the next undertaking's to do.
 */
export function givenUp(run: Run): Run {
  const isGoingBack = run.step === "switch-back" || run.step === "revert";
  if (isGoingBack || run.step === "finish") return resumed(run);
  const failed: Run = { ...run, outcome: "failed" };
  return "end" in next(failed) ? { ...run, step: "finish", outcome: "began" } : failed;
}

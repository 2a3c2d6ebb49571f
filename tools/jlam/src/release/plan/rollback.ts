/** What a rollback will do, as a plan: the same comparison as a deploy's, the other way. Pure. */
import { planDeploy, type ReleaseWithFiles } from "./deploy.ts";
import { sealPlan, type Blocker, type Plan, type PlannedAction } from "./plan.ts";

/**
 * The plan of the way back. No job runs, so that no schema changes, and no set is made. What would block a deploy is
 * told as accepted, since it takes back what was accepted on the way there; but for data that only went forward, which
 * stays a blocker: see `judgeRollback`.
 */
export function planRollback(environment: string, from: ReleaseWithFiles, to: ReleaseWithFiles): Plan {
  const { actions, blockers, accepted } = planDeploy({ environment, from, to });
  const left: ReadonlySet<PlannedAction["kind"]> = new Set(["set", "migrate", "run"]);
  const isAccepted = ({ code }: Blocker): boolean => code !== "backward-release";
  return sealPlan({
    environment,
    from: from.release.id,
    to: to.release.id,
    actions: actions.filter(({ kind }) => !left.has(kind)),
    blockers: blockers.filter((blocker) => !isAccepted(blocker)),
    accepted: [...accepted, ...blockers.filter(isAccepted)],
  });
}

/** What a rollback will do, as a plan: the same comparison as a deploy's, the other way. Pure. */
import { planDeploy, type ReleaseWithFiles } from "./deploy.ts";
import { sealPlan, type Plan } from "./plan.ts";

/**
 * The plan of the way back. No job runs, so that no schema changes; what would block a deploy is told as accepted, since
 * it takes back what was accepted on the way there.
 */
export function planRollback(environment: string, from: ReleaseWithFiles, to: ReleaseWithFiles): Plan {
  const { actions, blockers, accepted } = planDeploy({ environment, from, to });
  return sealPlan({ environment, from: from.release.id, to: to.release.id, actions: actions.filter(({ kind }) => kind !== "migrate" && kind !== "run"), blockers: [], accepted: [...accepted, ...blockers] });
}

/** Whether a rollback would find data that its programs can read. */
import { isForward, versionIn } from "../plan/upgrades.ts";
import { shortId, type Release, type ReleasedService } from "../record/release.ts";
import type { Advance } from "./reached.ts";
import type { Refusal } from "./refusal.ts";

/**
 * Refuses a rollback to a release with an older version of a program whose data went forward only, and names the set that
 * was made before the first step which that version doesn't know.
 */
export function rollbackUpgradeGate(environment: string, target: Release, advances: readonly Advance[]): readonly Refusal[] {
  const services = target.environments[environment]?.services ?? {};
  const beyond = advances.filter(({ service, version }) => {
    const then = versionThen(services[service]);
    return then !== undefined && isForward(then, version);
  });
  const programs = new Map(beyond.toReversed().map((advance) => [advance.program, advance]));
  return [...programs.values()].map(({ service, program, set, database }) => {
    const now = beyond.findLast((advance) => advance.program === program);
    return {
      gate: "migrations",
      code: "rollback-upgrade",
      message: `${program} went on to ${now?.version ?? ""}, and release ${shortId(target.id)} has ${versionThen(services[service]) ?? ""}, which can't read what became of its data`,
      fix: set === undefined ? "Go forward: mend what is wrong in a new release. No recovery set was made before it." : `Go forward: mend what is wrong in a new release. If what was written since may be lost: go back with --break-glass, then bring back the set that was made before it, \`jlam restore ${set} --environment ${environment} --database ${database}\` (docs/upgrading.md).`,
    };
  });
}

const versionThen = (service: ReleasedService | undefined): string | undefined => service && versionIn(service);

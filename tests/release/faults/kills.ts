/** The deployer is killed with -9 at every step: when it has begun, and when it is done and nobody has noted it. */
import type { Step } from "../../../tools/jlam/src/release/journal/entry.ts";
import { steps } from "../../../tools/jlam/src/release/journal/entry.ts";
import { readJournal } from "../../../tools/jlam/src/release/journal/journal.ts";
import { situationOf } from "../../../tools/jlam/src/release/machine/situation.ts";
import { environmentName } from "../bed/bed.ts";
import { ownDeployer, type Fault, type Scene } from "./fault.ts";

/** Steps that a deploy takes; the ways back are taken by what follows a kill. */
const killable = steps.filter((step) => !["begin", "lock", "switch-back", "revert"].includes(step));
const afterSwitch: readonly Step[] = ["confirm", "drain", "watch", "finish"];

export const kills: readonly Fault[] = killable.flatMap((step) =>
  (["began", "ended"] as const).map((when): Fault => ({
    name: `the deployer is killed with -9 when ${step} ${when === "began" ? "has begun" : "is done"}`,
    async bring(scene) {
      const { run } = await ownDeployer(scene, { step, when, signal: "SIGKILL" });
      const { signal, exitCode, all } = await run;
      if (signal !== "SIGKILL") return { end: "threw", exit: exitCode ?? -1, told: all };
      return { end: "killed", exit: 137, told: `ended by ${signal}; by the journal it ${await standsAt(scene)}` };
    },
    ends: "killed",
    says: new RegExp(`ended by SIGKILL; by the journal it is at ${step} \\(began\\)`),
    serves: afterSwitch.includes(step) || (step === "switch" && when === "ended") ? "new" : "old",
    // Who comes next brings the same release, which goes on, or another one, for which it is taken back first.
    next: when === "began" ? "same" : "another",
  })),
);

async function standsAt({ host }: Scene): Promise<string> {
  const text = await host.machine.run("cat", [`/srv/jlam/${environmentName}/journal.jsonl`]);
  const { run } = situationOf(readJournal(environmentName, `${text}\n`).entries);
  return run === undefined ? "has ended" : `is at ${run.step} (${run.outcome})`;
}

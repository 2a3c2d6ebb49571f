/** `jlam test`: every phase in turn, the machine made ready beside those that need none of it. */
import { join } from "node:path";
import { loadWithGiven } from "../runtime/bootable.ts";
import { messageOf, reportFailure } from "../terminal/failure.ts";
import { onInterrupt } from "../terminal/interrupt.ts";
import { say } from "../terminal/output.ts";
import { formatDuration } from "../runtime/format.ts";
import { takeLock } from "../runtime/lock.ts";
import { runBenchmarks } from "./benchmark-phase.ts";
import { removeEnvironment } from "./leftovers.ts";
import { readyMachine, type ReadyMachine } from "./machine.ts";
import { failedOnce, notReached, prepared, type PhaseResult } from "./phase.ts";
import { runStatic, staticPhases } from "./static-phases.ts";
import { runVitest } from "./vitest-run.ts";
import { runWorkflowLints } from "./workflow-phase.ts";

export interface TestOptions {
  readonly root: string;
  /** Long tables as well: many more runs of every property test, and the benchmarks. */
  readonly full: boolean;
  /** Name of a phase, or part of a test file's path. */
  readonly only: string | undefined;
}

/** The environment that integration tests boot. */
const tested = "ci";

const unitLimit = 10 * 60_000;
/** Beside the other phases this keeps a whole run under an hour on two processors. */
const integrationLimit = 50 * 60_000;

const phaseNames = [...staticPhases.map(({ phase }) => phase), "workflows", "unit", "integration"] as const;

/** Runs the phases; never throws for what they find. One run at a time in this repository: two would share a stack. */
export async function runTests({ root, full, only }: TestOptions): Promise<readonly PhaseResult[]> {
  const lock = takeLock(join(root, ".jlam", "test"), "jlam test");
  const forget = onInterrupt(() => lock.release());
  const phase = phaseNames.find((name) => name === only);
  const files = phase === undefined ? only : undefined;
  const wanted = (name: string): boolean => (phase === undefined ? only === undefined || name === "unit" || name === "integration" : phase === name);
  const env: Readonly<Record<string, string>> = full ? { JLAM_FULL: "1" } : {};
  try {
    const machine = wanted("integration") ? makeReady(root) : undefined;
    const results: PhaseResult[] = [];
    const add = (result: PhaseResult): void => {
      results.push(result);
      say(`${result.failed === 0 ? "✔" : "✖"} ${result.phase} (${formatDuration(result.milliseconds)})`);
    };
    for (const each of staticPhases) if (wanted(each.phase)) add(await runStatic(each, root));
    if (wanted("unit")) add(await runVitest({ phase: "unit", projects: ["unit"], only: files, root, env, limit: unitLimit }));
    // Making the machine ready and linting workflows may both install packages, and apt is for one at a time.
    const ready = await machine;
    if (ready) add(ready.result);
    if (wanted("workflows")) add(await runWorkflowLints(root));
    if (ready) add(await integration(ready.env, { root, only: files, env }));
    if (full && only === undefined) add(await runBenchmarks(root));
    return results;
  } finally {
    forget();
    lock.release();
  }
}

interface MachineEnd {
  readonly result: PhaseResult;
  /** Undefined where the machine is not ready. */
  readonly env: ReadyMachine["env"] | undefined;
}

/** Never throws: what went wrong is told at once, and is the phase's failure. */
async function makeReady(root: string): Promise<MachineEnd> {
  const began = Date.now();
  try {
    const { env, notes } = await readyMachine((await loadWithGiven(tested, root)).environment, root, say);
    return { result: prepared("machine", Date.now() - began, notes), env };
  } catch (error) {
    reportFailure(error);
    return { result: failedOnce("machine", Date.now() - began, `machine: ${messageOf(error)}`), env: undefined };
  }
}

interface IntegrationOptions {
  readonly root: string;
  readonly only: string | undefined;
  readonly env: Readonly<Record<string, string>>;
}

/** The real stack, booted anew and removed with its data whatever happens. */
async function integration(machine: ReadyMachine["env"] | undefined, { root, only, env }: IntegrationOptions): Promise<PhaseResult> {
  if (machine === undefined) return notReached("integration", "the machine is not ready");
  const removed = await removeEnvironment(tested);
  if (removed > 0) say(`Removed what an earlier run of ${tested} left: ${removed} containers, networks and volumes.`);
  const forget = onInterrupt(async () => void (await removeEnvironment(tested)));
  try {
    return await runVitest({ phase: "integration", projects: ["integration", "platform"], only, root, env: { ...env, ...machine }, limit: integrationLimit });
  } finally {
    forget();
    await removeEnvironment(tested);
  }
}

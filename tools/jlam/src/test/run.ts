/** `jlam test`: every phase in turn, the machine made ready beside those that need none of it. */
import { join } from "node:path";
import { loadEnvironment } from "../synth/platform.ts";
import { reportFailure } from "../terminal/failure.ts";
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
const integrationLimit = 25 * 60_000;

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
    const machine = wanted("integration") ? timed("machine", () => machineFor(root)) : undefined;
    // Awaited below; a failure before that must not count as one that nobody handles.
    machine?.catch(() => undefined);
    const results: PhaseResult[] = [];
    const add = (result: PhaseResult): void => {
      results.push(result);
      say(`${result.failed === 0 ? "✔" : "✖"} ${result.phase} (${formatDuration(result.milliseconds)})`);
    };
    for (const each of staticPhases) if (wanted(each.phase)) add(await runStatic(each, root));
    if (wanted("workflows")) add(await runWorkflowLints(root));
    if (wanted("unit")) add(await runVitest({ phase: "unit", projects: ["unit"], only: files, root, env, limit: unitLimit }));
    if (machine) for (const result of await integration(machine, { root, only: files, env })) add(result);
    if (full && only === undefined) add(await runBenchmarks(root));
    return results;
  } finally {
    forget();
    lock.release();
  }
}

async function machineFor(root: string): Promise<ReadyMachine> {
  return await readyMachine(await loadEnvironment(tested, root), root, say);
}

interface IntegrationOptions {
  readonly root: string;
  readonly only: string | undefined;
  readonly env: Readonly<Record<string, string>>;
}

async function integration(machine: Promise<Timed<ReadyMachine>>, { root, only, env }: IntegrationOptions): Promise<readonly PhaseResult[]> {
  const ready = await machine.catch((error: unknown) => {
    reportFailure(error);
    return error instanceof Error ? error.message : String(error);
  });
  if (typeof ready === "string") return [failedOnce("machine", 0, `machine: ${ready}`), notReached("integration", "the machine is not ready")];
  const preparation = prepared("machine", ready.milliseconds, ready.value.notes);
  const removed = await removeEnvironment(tested);
  if (removed > 0) say(`Removed what an earlier run of ${tested} left: ${removed} containers, networks and volumes.`);
  const forget = onInterrupt(async () => void (await removeEnvironment(tested)));
  try {
    const result = await runVitest({ phase: "integration", projects: ["integration", "platform"], only, root, env: { ...env, ...ready.value.env }, limit: integrationLimit });
    return [preparation, result];
  } finally {
    forget();
    await removeEnvironment(tested);
  }
}

interface Timed<T> {
  readonly value: T;
  readonly milliseconds: number;
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<Timed<T>> {
  const began = Date.now();
  const value = await work();
  const milliseconds = Date.now() - began;
  say(`✔ ${what} is ready (${formatDuration(milliseconds)})`);
  return { value, milliseconds };
}

/** The benchmarks of bench/ as a phase of `--full`: their tables go to stderr, and each counts as one that ran or failed. */
import { runProgram } from "./program.ts";
import type { PhaseResult } from "./phase.ts";

const phase = "benchmarks";

/** Each is a program; none of them asserts a time. */
const benchmarks = ["synth", "growth", "types", "up"] as const;

/** Growth to 10,000 services beside Compose to 1,000 takes the longest, some five minutes. */
const limit = 20 * 60_000;

/** Runs them one after the other, since two at once would measure each other. */
export async function runBenchmarks(root: string): Promise<PhaseResult> {
  const began = Date.now();
  const failures: string[] = [];
  for (const name of benchmarks) {
    const { exitCode, output } = await runProgram({ program: process.execPath, args: [`bench/${name}.ts`], root, limit, show: true });
    if (exitCode !== 0) failures.push(`${phase}: ${name}: ${output.trimEnd().split("\n").at(-1) ?? ""}`);
  }
  const passed = benchmarks.length - failures.length;
  return { phase, passed, failed: failures.length, skipped: 0, milliseconds: Date.now() - began, failures, skips: [], waivers: [], notes: [] };
}

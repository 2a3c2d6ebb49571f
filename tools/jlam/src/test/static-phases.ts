/** The phases that read the repository and start nothing: each is a program, and counts as one test. */
import { failedOnce, passedOnce, type PhaseResult } from "./phase.ts";
import { runProgram } from "./program.ts";
import { say } from "../terminal/output.ts";

export interface StaticPhase {
  readonly phase: string;
  readonly program: string;
  readonly args: readonly string[];
}

/** In the order in which their findings help most. */
export const staticPhases: readonly StaticPhase[] = [
  { phase: "types", program: "node_modules/.bin/tsc", args: ["--noEmit"] },
  { phase: "golden", program: process.execPath, args: ["tools/jlam/src/main.ts", "synth", "--check"] },
  { phase: "runbooks", program: process.execPath, args: ["tools/jlam/src/main.ts", "monitoring", "runbooks", "--check"] },
  { phase: "lint", program: "node_modules/.bin/eslint", args: ["."] },
  { phase: "secrets", program: "node_modules/.bin/secretlint", args: ["--no-color", "**/*"] },
  { phase: "knip", program: "node_modules/.bin/knip", args: ["--no-progress", "--no-config-hints"] },
];

/** The slowest, eslint, takes half a minute on two idle processors. */
const limit = 10 * 60_000;

/** Runs one. Its words are shown only where it fails. */
export async function runStatic({ phase, program, args }: StaticPhase, root: string): Promise<PhaseResult> {
  const began = Date.now();
  const { exitCode, timedOut, output } = await runProgram({ program, args, root, limit, show: false });
  const milliseconds = Date.now() - began;
  if (exitCode === 0 && !timedOut) return passedOnce(phase, milliseconds);
  say(`── ${phase} failed ──\n${output}`);
  return failedOnce(phase, milliseconds, timedOut ? `${phase}: ended after ${limit / 60_000} minutes` : `${phase}: ${lastLine(output)}`);
}

const lastLine = (output: string): string => output.trimEnd().split("\n").findLast((line) => line.trim() !== "") ?? "failed";

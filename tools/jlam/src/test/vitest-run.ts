/** Runs projects of vitest.config.ts as one phase, and reads what came of it. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { failedOnce, type PhaseResult } from "./phase.ts";
import { runProgram } from "./program.ts";
import { reportVariable, resultOfReport, vitestReport } from "./vitest-report.ts";
import { messageOf } from "../terminal/failure.ts";

export interface VitestPhase {
  readonly phase: string;
  readonly projects: readonly string[];
  /** Only test files whose path contains this. */
  readonly only: string | undefined;
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds after which the phase is ended and counts as failed. */
  readonly limit: number;
}

/** Runs the phase. Vitest's own words go to stderr as they come. Never throws for what tests do. */
export async function runVitest({ phase, projects, only, root, env, limit }: VitestPhase): Promise<PhaseResult> {
  const began = Date.now();
  const folder = mkdtempSync(join(tmpdir(), "jlam-test-"));
  const path = join(folder, "report.json");
  try {
    const reporter = join(import.meta.dirname, "vitest-reporter.ts");
    const { exitCode, timedOut } = await runProgram({
      program: "node_modules/.bin/vitest",
      args: [
        "run",
        ...projects.map((project) => `--project=${project}`),
        "--reporter=default",
        `--reporter=${reporter}`,
        "--passWithNoTests",
        ...(only === undefined ? [] : [only]),
      ],
      root,
      env: { ...env, [reportVariable]: path },
      limit,
      show: true,
    });
    const milliseconds = Date.now() - began;
    const result = readResult(phase, milliseconds, path, only !== undefined);
    if (timedOut) return { ...result, failed: result.failed + 1, failures: [...result.failures, `${phase}: ended after ${limit / 60_000} minutes`] };
    if (exitCode !== 0 && result.failed === 0) return failedOnce(phase, milliseconds, `${phase}: Vitest ended with ${exitCode}; its output says why`);
    return result;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readResult(phase: string, milliseconds: number, path: string, mayBeEmpty: boolean): PhaseResult {
  try {
    const report = vitestReport.parse(JSON.parse(readFileSync(path, "utf8")));
    if (report.tests.length === 0 && report.broken.length === 0 && !mayBeEmpty) return failedOnce(phase, milliseconds, `${phase}: there was no test to run`);
    return resultOfReport(phase, milliseconds, report);
  } catch (error) {
    return failedOnce(phase, milliseconds, `${phase}: Vitest left no report (${messageOf(error)})`);
  }
}

/** The linters of workflows and shell scripts as a phase: installing them is no test, each linter counts as one. */
import { ensureTool } from "../machine/packages.ts";
import { say } from "../terminal/output.ts";
import type { PhaseResult } from "./phase.ts";
import { runWorkflowStep, workflowSteps } from "./workflows.ts";

const phase = "workflows";

/** Runs the linters; what can't be installed fails, because then nobody linted. */
export async function runWorkflowLints(root: string): Promise<PhaseResult> {
  const began = Date.now();
  const failures: string[] = [];
  let passed = 0;
  try {
    // Debian splits Python: without this package `python3 -m venv` has no pip to put there.
    await ensureTool("python3", ["python3-venv"], say);
  } catch (error) {
    failures.push(`${phase}: ${messageOf(error)}`);
  }
  for (const step of failures.length > 0 ? [] : workflowSteps(root)) {
    try {
      await runWorkflowStep(step, root);
      if (step.makes === undefined) passed += 1;
    } catch (error) {
      failures.push(`${step.name}: ${messageOf(error)}`);
      // Without its program a linter can't run.
      if (step.makes !== undefined) break;
    }
  }
  return { phase, passed, failed: failures.length, skipped: 0, milliseconds: Date.now() - began, failures, skips: [], waivers: [], notes: [] };
}

const messageOf = (error: unknown): string => (error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error));

/** Environments for a check, where one that can't be loaded is a finding like any other. */
import type { Diagnostic, Origin, ResolvedEnvironment } from "@jlam/compose-dsl";
import { environmentFile, loadEnvironment } from "../synth/platform.ts";
import { messageOf } from "../terminal/failure.ts";

export interface Loaded {
  readonly environments: readonly ResolvedEnvironment[];
  /** Why some could not be loaded. */
  readonly failures: readonly Diagnostic[];
}

/** Loads what can be loaded; a declaration that throws becomes a finding at the line that threw. */
export async function loadForCheck(names: readonly string[], root: string): Promise<Loaded> {
  const environments: ResolvedEnvironment[] = [];
  const failures: Diagnostic[] = [];
  for (const name of names) {
    try {
      environments.push(await loadEnvironment(name, root));
    } catch (error) {
      failures.push(failure(name, error, root));
    }
  }
  return { environments, failures };
}

function failure(name: string, error: unknown, root: string): Diagnostic {
  return {
    rule: "declaration",
    severity: "error",
    subject: name,
    message: messageOf(error),
    why: "the environment could not be loaded, so nothing else of it was checked",
    fix: "correct the declaration at that line",
    at: (error instanceof Error ? declarationIn(error.stack ?? "", root) : undefined) ?? { file: environmentFile(name, root), line: 1, column: 1 },
  };
}

/** The first line of a stack that lies in a declaration: constructors of the library throw, but declarations err. */
function declarationIn(stack: string, root: string): Origin | undefined {
  for (const line of stack.split("\n")) {
    const [, file, row, column] = /(?:file:\/\/)?(\/[^()\s]+):(\d+):(\d+)\)?$/.exec(line) ?? [];
    if (file?.startsWith(`${root}/apps/`) || file?.startsWith(`${root}/environments/`)) return { file, line: Number(row), column: Number(column) };
  }
  return undefined;
}

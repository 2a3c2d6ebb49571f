/** The compiler's findings as diagnostics. */
import { join, resolve } from "node:path";
import type { Diagnostic } from "@jlam/compose-dsl";
import { execa } from "execa";
import { onInterrupt } from "../terminal/interrupt.ts";
import { PersonError } from "../terminal/failure.ts";

/** Longest that the compiler may take, in milliseconds: some twenty times what this repository needs on 2 busy cores. */
const timeout = 120_000;

/** Rule name of the compiler's findings. */
export const typesRule = "types";

/**
 * Type-checks the declarations: every environment.ts, and all that they import.
 * @throws PersonError where the compiler isn't installed, or doesn't end in two minutes
 */
export async function checkTypes(root: string): Promise<readonly Diagnostic[]> {
  const compiler = join(root, "node_modules/.bin/tsc");
  const stop = new AbortController();
  const forget = onInterrupt(() => stop.abort());
  try {
    const { exitCode, timedOut, stdout, stderr } = await execa(process.execPath, [compiler, "--noEmit", "--pretty", "false", "--project", join(root, "environments", "tsconfig.json")], { cwd: root, timeout, reject: false, cancelSignal: stop.signal });
    if (timedOut) throw new PersonError("The type checker did not end.", { why: `It was stopped after ${timeout / 1000} s.`, fix: "Look for what keeps the machine busy, or leave types out with --no-types." });
    const found = readCompilerOutput(stdout, root);
    if (exitCode !== 0 && found.length === 0) {
      throw new PersonError("The type checker could not run.", { where: compiler, why: stderr.trim().split("\n").at(-1), fix: "Run `npm ci`, or leave types out with --no-types." });
    }
    return found;
  } finally {
    forget();
  }
}

/** Reads `file(line,column): error TS2322: message`, with indented lines that go on about it. */
function readCompilerOutput(output: string, root: string): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const line of output.split("\n")) {
    const [, file, row, column, code, message] = /^(?:(.+)\((\d+),(\d+)\): )?error (TS\d+): (.*)$/.exec(line) ?? [];
    const last = found.at(-1);
    if (code !== undefined && message !== undefined) {
      found.push({
        rule: typesRule,
        severity: "error",
        subject: code,
        message,
        why: "what doesn't compile does not do what was meant",
        fix: "an editor shows the same line, with what it expected",
        at: file === undefined ? undefined : { file: resolve(root, file), line: Number(row), column: Number(column) },
      });
    } else if (last && line.startsWith("  ")) found[found.length - 1] = { ...last, message: `${last.message}\n${line}` };
  }
  return found;
}

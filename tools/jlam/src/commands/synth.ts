import type { Command } from "commander";
import { checkEnvironment, formatDiagnostic } from "@jlam/compose-dsl";
import { buildBundle } from "../synth/bundle.ts";
import { environmentNames, loadEnvironment, repositoryRoot } from "../synth/platform.ts";
import { synthReport } from "../synth/report.ts";
import { synthesise } from "../synth/synthesise.ts";
import { examples } from "../terminal/examples.ts";
import { PersonError } from "../terminal/failure.ts";
import { print, printJson, say } from "../terminal/output.ts";
import { knownEnvironments } from "../synth/names.ts";

export function register(command: Command): void {
  command
    .argument("[environment...]", "environments; all of them without")
    .option("--check", "write nothing; fail when a generated file differs from the declarations")
    .option("--overwrite", "write over generated files that somebody edited by hand")
    .option("--json", "print the result as JSON");
  examples(command, [
    ["jlam synth", "bring every environment's generated files up to date"],
    ["jlam synth --check", "in CI: fail on drift"],
    ["jlam synth local", "one environment"],
  ]);
  command.action(async (asked: readonly string[], options: { check?: true; overwrite?: true; json?: true }) => {
    const names = knownEnvironments(asked, environmentNames());
    const check = options.check === true;
    const environments = await Promise.all(names.map((name) => loadEnvironment(name)));
    const errors = environments.flatMap(checkEnvironment).filter(({ severity }) => severity === "error");
    if (errors.length > 0) {
      for (const error of errors) say(formatDiagnostic(error, { colour: process.stderr.isTTY, root: repositoryRoot }));
      throw new PersonError(`Nothing was written: ${errors.length} ${errors.length === 1 ? "error" : "errors"} in the declarations.`);
    }
    const results = environments.map((environment) => synthesise(environment, { root: repositoryRoot, check, overwrite: options.overwrite === true }));
    const { lines, failed } = synthReport(results, check);
    if (options.json) printJson(results);
    else for (const line of lines) print(line);
    if (failed) process.exitCode = 1;
    // For the next time: `./jlam synth` alone runs the bundle, which needs neither this program nor type stripping.
    await buildBundle(repositoryRoot).catch((error: unknown) => say(`The bundle for fast synth was not built: ${String(error)}`));
  });
}

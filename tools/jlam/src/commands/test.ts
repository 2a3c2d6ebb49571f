/** `jlam test`: everything that a change must pass. */
import type { Command } from "commander";
import { repositoryRoot } from "../synth/platform.ts";
import { examples } from "../terminal/examples.ts";
import { print, printJson, printTable } from "../terminal/output.ts";
import { runTests } from "../test/run.ts";
import { closingLine, phaseTable, summaryLines, totalOf } from "../test/summary.ts";

interface Options {
  readonly full?: true;
  readonly only?: string;
  readonly json?: true;
}

export function register(command: Command): void {
  command
    .option("--full", "the long tables as well: many more runs of every property test, and the benchmarks")
    .option("--only <phase-or-path>", "one phase (types, golden, lint, knip, workflows, unit, integration), or test files whose path contains this")
    .option("--json", "print the results as JSON");
  examples(command, [
    ["jlam test", "what every change must pass; ends with the counts"],
    ["jlam test --only unit", "one phase"],
    ["jlam test --only networks", "test files whose path contains this"],
    ["JLAM_REQUIRE_ALL=1 jlam test", "a test that can't run here fails instead of skipping"],
  ]);
  command.addHelpText("after", "\nThe environment ci is booted anew for the tests and removed with its data; local is left alone.");
  command.action(async ({ full, only, json }: Options) => {
    const results = await runTests({ root: repositoryRoot, full: full === true, only });
    const requireAll = process.env["JLAM_REQUIRE_ALL"] === "1";
    const total = totalOf(results, requireAll);
    if (json) printJson({ phases: results, total });
    else {
      const { header, rows } = phaseTable(results);
      print();
      printTable(header, rows);
      print();
      for (const line of summaryLines(results, requireAll)) print(line);
      print(closingLine(total));
    }
    if (total.failed > 0) process.exitCode = 1;
  });
}

/** `jlam drill`: bring an environment back on an empty machine, from the escrow kit alone, and measure it. */
import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { drill } from "../recovery/drill.ts";
import { readKit } from "../recovery/kit.ts";
import { printSteps } from "../recovery/print-steps.ts";
import { onTerminal } from "../runtime/reporter.ts";
import { examples } from "../terminal/examples.ts";
import { print, printJson } from "../terminal/output.ts";

interface Options {
  readonly kit: string;
  readonly directory: string;
  readonly report?: string;
  readonly fromCopy?: true;
  readonly json?: true;
}

export function register(command: Command): void {
  command
    .argument("[set]", "id of a set; the newest unless said otherwise")
    .requiredOption("--kit <file>", "the escrow kit, as `jlam backup kit` prints it")
    .option("--directory <folder>", "where the repository is put", "/srv/jlam")
    .option("--from-copy", "read the second region, as if the first were gone")
    .option("--report <file>", "write the report there, for `jlam backup keep-report`")
    .option("--json", "print the report as JSON");
  examples(command, [
    ["jlam drill --kit kit.yaml", "on an empty machine with Docker: everything comes back, and each step is measured"],
    ["jlam drill --kit kit.yaml --report drill.json", "with the report that an auditor asks for"],
  ]);
  command.action(async (set: string | undefined, options: Options) => {
    const report = await drill({ kit: await readKit(options.kit), set, fromCopy: options.fromCopy === true, directory: options.directory, reporter: onTerminal });
    if (options.report !== undefined) await writeFile(options.report, `${JSON.stringify(report, undefined, 2)}\n`);
    if (options.json) return printJson(report);
    printSteps(report.steps);
    print(`${report.environment} is back after ${report.recoverySeconds} s, as it was ${report.lostSeconds} s before the drill; ${report.erasedAgain} people were erased again.`);
  });
}

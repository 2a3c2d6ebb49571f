import type { Command } from "commander";
import { checkEnvironment, checkPlatform, type Diagnostic } from "@jlam/compose-dsl";
import { loadForCheck, type Loaded } from "../check/load.ts";
import { counted, reportLines, type CheckReport } from "../check/report.ts";
import { merged, ofStack, sorted } from "../check/select.ts";
import { checkTypes } from "../check/types.ts";
import { secretFindings } from "../secrets/findings.ts";
import { knownEnvironments } from "../synth/names.ts";
import { environmentNames, repositoryRoot } from "../synth/platform.ts";
import { examples } from "../terminal/examples.ts";
import { print, printJson } from "../terminal/output.ts";
import { runSteps } from "../terminal/progress.ts";

interface CheckOptions {
  readonly types: boolean;
  readonly stack?: string;
  readonly strict?: true;
  readonly json?: true;
}

export function register(command: Command): void {
  command
    .argument("[environment...]", "environments; all of them without")
    .option("--no-types", "leave the type checker out")
    .option("--stack <name>", "show only what is about this stack")
    .option("--strict", "fail on warnings too")
    .option("--json", "print the findings as JSON");
  examples(command, [
    ["jlam check", "types, then every rule in every environment"],
    ["jlam check production --strict", "before a release: warnings fail too"],
    ["jlam check --stack web --no-types", "one stack's findings, at once"],
  ]);
  command.action(async (asked: readonly string[], options: CheckOptions) => {
    const all = environmentNames();
    const names = knownEnvironments(asked, all);
    const found: Diagnostic[] = [];
    let loaded: Loaded = { environments: [], failures: [] };
    const typeStep = async (): Promise<string> => {
      const errors = await checkTypes(repositoryRoot);
      found.push(...errors);
      return errors.length === 0 ? "Types hold" : `Types: ${errors.length} found`;
    };
    await runSteps([
      ...(options.types ? [{ title: "Types", run: typeStep }] : []),
      {
        title: "Rules",
        run: async () => {
          // All of them, since some rules look at environments beside each other.
          loaded = await loadForCheck(all, repositoryRoot);
          const about = ({ subject }: Diagnostic): boolean => subject.split(/[\s,]+/).some((word) => names.includes(word));
          const chosen = loaded.environments.filter(({ name }) => names.includes(name));
          const broken = [...loaded.failures.filter(about), ...chosen.flatMap(checkEnvironment), ...chosen.flatMap((environment) => secretFindings(environment, repositoryRoot, new Date())), ...checkPlatform(loaded.environments).filter(about)];
          found.push(...broken);
          return broken.length === 0 ? "Rules hold" : `Rules: ${broken.length} found`;
        },
      },
    ]);
    const wanted = options.stack === undefined || loaded.environments.length === 0 ? found : found.filter(ofStack(options.stack, loaded.environments));
    const told = options.json ? sorted(wanted) : merged(sorted(wanted), all);
    const report: CheckReport = { environments: names, types: options.types, findings: told, ...counted(told) };
    if (options.json) printJson(report);
    else for (const line of reportLines(report, { colour: process.stdout.isTTY, root: repositoryRoot })) print(line);
    if (report.errors > 0 || (options.strict && report.warnings > 0)) process.exitCode = 1;
  });
}

/** `jlam secrets check`: what is missing, unknown, weak, overdue or sealed for the wrong people. */
import type { Command } from "commander";
import type { Diagnostic } from "@jlam/compose-dsl";
import { counted, reportLines } from "../../check/report.ts";
import { openedFindings, secretFindings } from "../../secrets/findings.ts";
import { hasIdentity, readIdentities } from "../../secrets/sealed/identity.ts";
import { knownEnvironments } from "../../synth/names.ts";
import { environmentNames, loadEnvironment, repositoryRoot } from "../../synth/platform.ts";
import { examples } from "../../terminal/examples.ts";
import { print, printJson, say } from "../../terminal/output.ts";
import { withIdentity } from "./target.ts";

export function registerCheck(command: Command): void {
  command.summary("find missing, unknown, weak and overdue secrets, and wrong recipients").description("Checks the secrets of environments. Everything but the strength of values is seen without an identity. It fails for an environment that nobody has begun, too.");
  command.argument("[environment...]", "environments; all of them without");
  withIdentity(command).option("--json", "print the findings as JSON");
  examples(command, [
    ["jlam secrets check", "every environment"],
    ["jlam secrets check production --identity ~/.config/jlam/age-identity", "open the values, too"],
  ]);
  command.action(async (asked: readonly string[], options: { identity?: string; json?: true }) => {
    const names = knownEnvironments(asked, environmentNames());
    const opens = options.identity !== undefined || hasIdentity(undefined);
    const findings: Diagnostic[] = [];
    for (const environment of await Promise.all(names.map((name) => loadEnvironment(name)))) {
      findings.push(...secretFindings(environment, repositoryRoot, new Date()));
      if (opens) findings.push(...(await openedFindings(environment, repositoryRoot, readIdentities(options.identity))));
    }
    const report = { environments: names, opened: opens, findings, ...counted(findings) };
    if (options.json) printJson(report);
    else if (findings.length === 0) print(`✔ secrets are as declared in ${names.join(", ")}${opens ? "" : " (values were not opened)"}`);
    else for (const line of reportLines({ ...report, types: false }, { colour: process.stdout.isTTY, root: repositoryRoot })) print(line);
    if (!opens && !options.json) say("Values were not opened: there is no identity. `jlam secrets recipients --help` says how one is made.");
    if (findings.length > 0) process.exitCode = 1;
  });
}

/** `jlam down`: take an environment away, without its data unless that is asked for. */
import type { Command } from "commander";
import { describeDown, down } from "../runtime/down.ts";
import { onTerminal } from "../runtime/reporter.ts";
import { confirm } from "../terminal/confirm.ts";
import { examples } from "../terminal/examples.ts";
import { PersonError } from "../terminal/failure.ts";
import { print, printJson, say } from "../terminal/output.ts";

export function register(command: Command): void {
  command
    .argument("[environment]", "environment to stop", "local")
    .option("--volumes", "remove its data as well; asks first")
    .option("-y, --yes", "don't ask")
    .option("--json", "print the result as JSON");
  examples(command, [
    ["jlam down", "stop local; its data stays"],
    ["jlam down ci --volumes --yes", "take ci away with its data, without a question"],
  ]);
  command.action(async (environment: string, options: { volumes?: true; yes?: true; json?: true }) => {
    const result = await down({
      environment,
      reporter: onTerminal,
      removeVolumes: options.volumes && (async (volumes) => {
        for (const { name, holds } of volumes) say(`  ${name} holds ${holds}`);
        const sure = await confirm(`Remove ${volumes.length === 1 ? "this volume" : "these volumes"} for good?`, { yes: options.yes === true, withoutTerminal: false });
        if (sure) return true;
        throw new PersonError("Nothing was removed.", { fix: "Say --yes to remove volumes without being asked." });
      }),
    });
    if (options.json) printJson(result);
    else for (const line of describeDown(result)) print(line);
  });
}

/** `jlam dashboard`: a page in the browser that shows an environment of this machine. */
import type { Command } from "commander";
import { addressOf, ensureDashboard, noteDashboard, stopDashboard, untilUnwanted } from "../dashboard/detached.ts";
import { startDashboard } from "../dashboard/server.ts";
import { loadBootable } from "../runtime/bootable.ts";
import { repositoryRoot } from "../synth/platform.ts";
import { examples } from "../terminal/examples.ts";
import { onInterrupt } from "../terminal/interrupt.ts";
import { print, printJson, say } from "../terminal/output.ts";

interface Options {
  readonly foreground?: true;
  readonly stop?: true;
  readonly json?: true;
}

export function register(command: Command): void {
  command
    .argument("[environment]", "environment to show", "local")
    .option("--foreground", "serve it from this terminal, until Ctrl-C")
    .option("--stop", "stop its server; `jlam down` does so too")
    .option("--json", "print the address as JSON");
  examples(command, [
    ["jlam dashboard", "the address of local's page, whose server is started where none runs"],
    ["jlam dashboard ci --foreground", "the same of ci, as long as this terminal serves it"],
    ["jlam dashboard --stop", "nobody looks any more"],
  ]);
  command.addHelpText("after", "\nIt answers on 127.0.0.1 alone, to whoever knows the token in the address: logs can tell of people. It changes nothing.");
  command.action(async (environment: string, { foreground, stop, json }: Options) => {
    await loadBootable(environment, repositoryRoot);
    if (stop) {
      const stopped = await stopDashboard(environment);
      if (json) printJson({ environment, stopped });
      else print(stopped ? `The dashboard of ${environment} has stopped.` : `No dashboard of ${environment} ran.`);
      return;
    }
    const address = foreground ? await serve(environment) : await ensureDashboard(environment);
    if (json) printJson({ environment, address });
    else print(address);
    if (foreground) say("Ctrl-C ends it.");
  });
}

/** Serves it until Ctrl-C, or until nobody needs it. */
async function serve(environment: string): Promise<string> {
  const dashboard = await startDashboard({ environment });
  noteDashboard(environment, dashboard);
  onInterrupt(dashboard.close);
  void untilUnwanted(environment, dashboard).then(dashboard.close);
  return addressOf(dashboard);
}

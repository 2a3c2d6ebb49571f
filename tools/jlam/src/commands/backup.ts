/** `jlam backup`: recovery sets, made and looked after by the engine in the environment's container `backup`. */
import { backupPlan } from "@jlam/backup/plan";
import { daily } from "@jlam/backup/schedule";
import { planInWords } from "@jlam/backup/words";
import type { Command } from "commander";
import { sendRepository } from "../backup/repository.ts";
import { execIn, runningContainer } from "../runtime/in-container.ts";
import { loadEnvironment } from "../synth/platform.ts";
import { examples } from "../terminal/examples.ts";

interface Options {
  readonly environment: string;
  readonly json?: true;
}

export function register(command: Command): void {
  const add = (name: string, summary: string, takesSet: boolean): Command => {
    const added = command.command(name).summary(summary).description(summary).option("-e, --environment <name>", "environment", "local").option("--json", "one JSON document a line, for programs");
    return takesSet ? added.argument("[set]", "id of a set, as `list` shows it; the newest unless said otherwise") : added;
  };
  add("run", "make a set now, with the revision that is checked out", false).action(async ({ environment, json }: Options) => {
    const container = await runningContainer(environment, "backup");
    await sendRepository(container);
    process.exitCode = await execIn(container, engine("run", undefined, json));
  });
  for (const [name, summary] of [["list", "show the sets that there are, newest first"], ["prune", "remove the sets whose time is over"]] as const) {
    add(name, summary, false).action(async ({ environment, json }: Options) => {
      process.exitCode = await execIn(await runningContainer(environment, "backup"), engine(name, undefined, json));
    });
  }
  for (const [name, summary] of [["show", "tell what is in a set"], ["verify", "read a set back from the store and compare it with its manifest"]] as const) {
    add(name, summary, true).action(async (set: string | undefined, { environment, json }: Options) => {
      process.exitCode = await execIn(await runningContainer(environment, "backup"), engine(name, set, json));
    });
  }
  add("plan", "tell what every set holds, what not, and why", false).action(async ({ environment: name, json }: Options) => {
    const { node, services, providers } = await loadEnvironment(name);
    const source = { environment: name, certificates: node.certificates, services: [...services.values()].map((service) => service.node), resources: [...providers.values()].map(({ provides }) => provides) };
    const plan = backupPlan(source, node.at);
    process.stdout.write(json === undefined ? planInWords(plan, daily) : `${JSON.stringify(plan)}\n`);
  });
  examples(command, [
    ["jlam backup plan -e production", "what would come back, and how soon"],
    ["jlam backup run", "make a set of the local environment"],
    ["jlam backup list -e ci", "which sets there are, and which were proven"],
    ["jlam backup verify", "is the newest set still what was sent?"],
  ]);
}

const engine = (name: string, set: string | undefined, json: true | undefined): readonly string[] => [
  "node", "/app/backup.js", name, ...(set === undefined ? [] : [set]), ...(json === undefined ? [] : ["--json"]),
];

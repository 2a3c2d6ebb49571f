import type { Command } from "commander";
import { explainEnvironment, findExplanations } from "@jlam/compose-dsl";
import { placeExplanations, type Explained } from "../explain/explained.ts";
import { explanationLines } from "../explain/report.ts";
import { knownEnvironments } from "../synth/names.ts";
import { environmentNames, loadEnvironment, repositoryRoot } from "../synth/platform.ts";
import { examples } from "../terminal/examples.ts";
import { PersonError } from "../terminal/failure.ts";
import { print, printJson } from "../terminal/output.ts";

export function register(command: Command): void {
  command
    .argument("<environment>", "such as production")
    .argument("[path]", "a value or whatever lies above some; everything without")
    .option("--json", "print the values with their reasons as JSON");
  examples(command, [
    ["jlam explain production web.environment.LOG_LEVEL", "the line that says it"],
    ["jlam explain production web.labels.nl.jlam.owner", "keys may hold dots"],
    ["jlam explain staging web.deploy", "everything below"],
    ["jlam explain local networks.traefik--web", "networks, volumes, secrets and routes begin with their kind"],
  ]);
  command.action(async (name: string, path: string | undefined, options: { json?: true }) => {
    knownEnvironments([name], environmentNames());
    const environment = await loadEnvironment(name);
    const all = explainEnvironment(environment);
    const found = path === undefined ? { kind: "found" as const, explanations: all } : findExplanations(all, path);
    if (found.kind === "unknown") {
      const { suggestions } = found;
      throw new PersonError(`${name} emits nothing at "${path}".`, {
        fix: suggestions.length > 0 ? `Did you mean ${suggestions.map((suggestion) => `"${suggestion}"`).join(", ")}?` : `\`jlam explain ${name}\` lists all paths.`,
      });
    }
    const explained: readonly Explained[] = placeExplanations(found.explanations, environment, repositoryRoot);
    if (options.json) printJson(explained);
    else for (const line of explanationLines(explained)) print(line);
  });
}

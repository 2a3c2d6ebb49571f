/** `jlam secrets list`: which secrets an environment has, how old they are and who reads them. */
import type { Command } from "commander";
import { listSecrets } from "../../secrets/listed.ts";
import { repositoryRoot } from "../../synth/platform.ts";
import { examples } from "../../terminal/examples.ts";
import { printJson, printTable } from "../../terminal/output.ts";
import { loadKnown } from "./target.ts";

export function registerList(command: Command): void {
  command.summary("which secrets there are, how old they are, who reads them").description("Lists an environment's secrets with their age and consumers. Needs no identity: values stay closed.");
  command.argument("<environment>").option("--json", "print JSON");
  examples(command, [
    ["jlam secrets list production", "every secret, and what it lacks"],
    ["jlam secrets list staging --json", "as JSON"],
  ]);
  command.action(async (name: string, options: { json?: true }) => {
    const listed = listSecrets(await loadKnown(name), repositoryRoot, new Date());
    if (options.json) return printJson(listed);
    printTable(
      ["SECRET", "KIND", "VERSION", "AGE", "READ BY"],
      listed.map(({ id, kind, versions, use, ageDays, maxAgeDays, consumers }) => [
        id,
        kind,
        versions.length === 0 ? "missing" : versions.length === 1 ? String(use) : `${use} of ${versions.join(" and ")}`,
        ageDays === undefined ? "" : `${ageDays} of ${maxAgeDays} days`,
        consumers.join(", "),
      ]),
    );
  });
}

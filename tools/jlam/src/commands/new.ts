/** `jlam new`: a new service or stack, written to the repository's own pattern. */
import { Option, type Command } from "commander";
import { execa } from "execa";
import type { DataClass } from "@jlam/compose-dsl";
import { ask, choose } from "../new/ask.ts";
import { planGeneration, writeGeneration, type Generation } from "../new/generate.ts";
import { readNames } from "../new/names.ts";
import { serviceFiles, stackFiles } from "../new/service-files.ts";
import { knownEnvironments } from "../synth/names.ts";
import { environmentNames, repositoryRoot } from "../synth/platform.ts";
import { examples } from "../terminal/examples.ts";
import { print, say } from "../terminal/output.ts";

interface Options {
  readonly into?: string;
  readonly dryRun?: true;
  readonly install: boolean;
}

interface ServiceOptions extends Options {
  readonly owner?: string;
  readonly host?: string;
  readonly holds?: DataClass;
}

const dataClasses: readonly DataClass[] = [
  "medical-data",
  "identity-data",
  "session-data",
  "audit-data",
  "mail",
  "keys",
  "measurements",
  "no-personal-data",
];

export function register(command: Command): void {
  examples(command, [
    ["jlam new service notes", "asks who owns it and what it keeps, and writes apps/notes"],
    ["jlam new service notes --owner platform --holds medical-data --into local,ci", "asks nothing"],
    ["jlam new service notes --dry-run", "shows what would be written"],
    ["jlam new stack reports", "a folder for services that belong together"],
  ]);

  subcommand(command, "service", "a service with a database, a secret and a route, in a stack of its own")
    .option("--owner <team>", "who is asked when it breaks")
    .option("--host <subdomain>", "where it is reached (default: its name)")
    .addOption(new Option("--holds <class>", "what its database keeps").choices(dataClasses))
    .action(async (asked: string, options: ServiceOptions) => {
      const names = readNames(asked, repositoryRoot);
      const environments = split(options.into);
      const owner = options.owner ?? (await ask({ text: "Who is asked when it breaks?", option: "--owner" }, "platform"));
      const holds = options.holds ?? (await choose({ text: "What does its database keep?", option: "--holds" }, dataClasses));
      const files = serviceFiles({ ...names, owner, holds, host: options.host ?? names.name });
      await generate(planGeneration(repositoryRoot, files, { ...names, database: true }, environments), options);
    });

  subcommand(command, "stack", "a folder with a stack that has no service yet").action(async (asked: string, options: Options) => {
    const names = readNames(asked, repositoryRoot);
    await generate(planGeneration(repositoryRoot, stackFiles(names), { ...names, database: false }, split(options.into)), options);
  });
}

const subcommand = (command: Command, name: string, summary: string): Command =>
  command
    .command(name)
    .summary(summary)
    .description(summary)
    .argument("<name>", "lower-case words with hyphens: folder, container and host name")
    .option("--into <environments>", "add it to these environments, separated by commas")
    .option("--dry-run", "print the files instead of writing them")
    .option("--no-install", "don't run npm install, which makes the new folder known to Node");

function split(into: string | undefined): { readonly into: readonly string[]; readonly others: readonly string[] } {
  const all = environmentNames(repositoryRoot);
  const asked = into === undefined ? [] : knownEnvironments(into.split(","), all);
  return { into: asked, others: all.filter((name) => !asked.includes(name)) };
}

async function generate(plan: Generation, options: Options): Promise<void> {
  if (options.dryRun) {
    for (const { path, text } of [...plan.files, ...plan.edits]) print(`── ${path}\n${text}`);
  } else {
    writeGeneration(repositoryRoot, plan);
    for (const { path } of plan.files) print(`✔ ${path}`);
    for (const { path } of plan.edits) print(`✔ ${path}: added`);
  }
  for (const { environment, why, lines } of plan.byHand) {
    say(`\nTo have it in ${environment} (${why}), add to its environment.ts and package.json:`);
    for (const line of lines) say(`  ${line}`);
  }
  if (options.dryRun) return;
  if (options.install) {
    say("\nLinking the new folder (npm install)…");
    await execa("npm", ["install", "--no-audit", "--no-fund"], { cwd: repositoryRoot });
  }
  say(`\nNext: ${options.install ? "" : "npm install, "}./jlam check, ./jlam synth, ./jlam up. docs/new-service.md explains each line.`);
}

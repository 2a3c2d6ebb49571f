/** `jlam monitoring`: what people read of what monitoring derives. */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import { settledSurroundings } from "@jlam/compose-dsl";
import { coverageFindings, coverageOf, coverageTable } from "@jlam/monitoring/coverage";
import { runbookPages } from "@jlam/monitoring/runbooks";
import { watch } from "@jlam/monitoring/watch";
import { knownEnvironments } from "../synth/names.ts";
import { environmentNames, loadEnvironment, repositoryRoot } from "../synth/platform.ts";
import { examples } from "../terminal/examples.ts";
import { PersonError } from "../terminal/failure.ts";
import { print, printJson } from "../terminal/output.ts";

const runbooksFolder = "docs/runbooks";

export function register(command: Command): void {
  const runbooks = command
    .command("runbooks")
    .summary("bring the page of every alert up to date; what people wrote below its line stays")
    .option("--check", "write nothing; fail when a page differs from the model");
  examples(runbooks, [
    ["jlam monitoring runbooks", "after an alert, a threshold or a service has changed"],
    ["jlam monitoring runbooks --check", "in CI: fail on drift"],
  ]);
  runbooks.action(writeRunbooks);
  const coverage = command
    .command("coverage")
    .summary("show every service against what is known of it")
    .argument("[environment]", "environment", "local")
    .option("--json", "print the matrix as JSON");
  examples(coverage, [
    ["jlam monitoring coverage production", "who tells of what, and why a cell is empty"],
    ["jlam monitoring coverage --json", "the same of local, for a program, with where each service is declared"],
  ]);
  coverage.addHelpText("after", "\nEnds with 1 where a cell is empty without a reason; `jlam check` says so too, and how to mend it.");
  coverage.action(async (asked: string, options: { json?: true }) => {
    const [name = asked] = knownEnvironments([asked], environmentNames());
    const seen = await watched(name);
    const rows = coverageOf(seen);
    if (options.json) printJson(rows);
    else print(coverageTable(rows));
    if (coverageFindings(seen).length > 0) process.exitCode = 1;
  });
}

const watched = async (name: string) => watch(settledSurroundings((await loadEnvironment(name)).node));

async function writeRunbooks({ check }: { check?: true }): Promise<void> {
  const environments = await Promise.all(environmentNames().map(watched));
  const before = (path: string): string | undefined => (existsSync(join(repositoryRoot, path)) ? readFileSync(join(repositoryRoot, path), "utf8") : undefined);
  const pages = runbookPages(environments, before);
  const changed = [...pages].filter(([path, text]) => before(path) !== text);
  const kept = existsSync(join(repositoryRoot, runbooksFolder)) ? readdirSync(join(repositoryRoot, runbooksFolder)) : [];
  // Pages in lower case are about something else than an alert, such as recovery.md.
  const orphans = kept.filter((name) => /^[A-Z]/.test(name)).map((name) => `${runbooksFolder}/${name}`).filter((path) => !pages.has(path));
  if (orphans.length > 0) {
    throw new PersonError(`${orphans.join(", ")}: no alert has this name any more.`, { why: "a page that nothing leads to is read when it is wrong", fix: "move what people wrote there to another page, and remove it" });
  }
  if (check && changed.length > 0) {
    throw new PersonError(`${changed.map(([path]) => path).join(", ")}: not what the model says.`, { fix: "Run `jlam monitoring runbooks`, and commit the pages." });
  }
  for (const [path, text] of changed) {
    mkdirSync(dirname(join(repositoryRoot, path)), { recursive: true });
    writeFileSync(join(repositoryRoot, path), text);
  }
  print(`✔ ${pages.size} runbooks, ${changed.length === 0 ? "nothing changed" : `${changed.length} written`}`);
}

/**
 * Between two environments, what they declare is compared; names that must differ don't count. Between a revision and
 * now, the emitted files are: those that the revision committed in environments/<name>/generated, and those that the
 * declarations in the working tree give at this moment, whether they were synthesised or not. That is what Compose and
 * Traefik would see; it rests on generated/ having been committed with its declarations, which CI holds up with
 * `jlam synth --check`.
 */
import type { Command } from "commander";
import { diffEnvironments, diffFiles, diffInWords, differs, emitFiles, type EnvironmentDiff } from "@jlam/compose-dsl";
import { askedDiff } from "../diff/asked.ts";
import { generatedAt } from "../diff/revision.ts";
import { environmentNames, loadEnvironment, repositoryRoot } from "../synth/platform.ts";
import { examples } from "../terminal/examples.ts";
import { print, printJson } from "../terminal/output.ts";

export function register(command: Command): void {
  command
    .argument("[what...]", "two environments, or REVISION.. and an environment")
    .option("--since <revision>", "compare the files committed in this revision with what is declared now")
    .option("--exit-code", "exit with 1 when something differs")
    .option("--json", "print the differences as JSON");
  examples(command, [
    ["jlam diff staging production", "how little the two differ"],
    ["jlam diff main.. production", "what a merge would change on production"],
    ["jlam diff --since v1.4", "every environment, since a tag"],
    ["jlam diff", "every environment, since the last commit"],
  ]);
  command.action(async (words: readonly string[], options: { since?: string; exitCode?: true; json?: true }) => {
    const known = environmentNames();
    const asked = askedDiff(words, options.since, known);
    const diffs: readonly EnvironmentDiff[] =
      asked.kind === "environments"
        ? [diffEnvironments(await loadEnvironment(asked.before), await loadEnvironment(asked.after))]
        : await diffsSince(asked.revision, asked.environment, known);
    if (options.json) printJson(diffs);
    else print(diffs.map((diff) => diffInWords(diff).join("\n")).join("\n\n"));
    if (options.exitCode && diffs.some(differs)) process.exitCode = 1;
  });
}

/** One difference for each environment that is there now or was there then. */
async function diffsSince(revision: string, environment: string | undefined, known: readonly string[]): Promise<readonly EnvironmentDiff[]> {
  const then = await generatedAt(repositoryRoot, revision);
  const names = environment === undefined ? [...new Set([...known, ...then.keys()])].sort() : [environment];
  const diffs: EnvironmentDiff[] = [];
  for (const name of names) {
    const files = then.get(name);
    diffs.push(
      diffFiles(
        { title: files ? `${name} at ${revision}` : `${name} (not in ${revision})`, files: files ?? new Map() },
        known.includes(name) ? { title: "now", files: emitFiles(await loadEnvironment(name)) } : { title: "gone", files: new Map() },
      ),
    );
  }
  return diffs;
}

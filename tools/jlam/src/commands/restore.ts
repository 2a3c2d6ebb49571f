/** `jlam restore`: bring data of a set back, into its environment or another. */
import { projectName } from "@jlam/compose-dsl";
import type { Command } from "commander";
import { takeSet } from "../recovery/take-set.ts";
import { prepareRestore } from "../recovery/restore.ts";
import { onTerminal } from "../runtime/reporter.ts";
import { listContainers } from "../runtime/containers.ts";
import { repositoryRoot } from "../synth/platform.ts";
import { confirm } from "../terminal/confirm.ts";
import { examples } from "../terminal/examples.ts";
import { PersonError } from "../terminal/failure.ts";
import { print, printJson, printTable, say } from "../terminal/output.ts";

interface Options {
  readonly environment: string;
  readonly into?: string;
  readonly database: readonly string[];
  readonly volume: readonly string[];
  readonly key?: string;
  readonly setFirst: boolean;
  readonly yes?: true;
  readonly json?: true;
}

const several = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export function register(command: Command): void {
  command
    .argument("[set]", "id of a set, as `jlam backup list` shows it; the newest unless said otherwise")
    .option("-e, --environment <name>", "environment whose sets are read", "local")
    .option("--into <environment>", "environment to restore into; the same one unless said otherwise")
    .option("--database <name>", "only this database, such as app; may be said again", several, [])
    .option("--volume <name>", "only this volume; may be said again", several, [])
    .option("--key <file>", "private half of the operations or the escrow key; an environment with throw-away keys needs none")
    .option("--no-set-first", "don't make a set of what is overwritten, where that is too broken for one")
    .option("-y, --yes", "don't ask")
    .option("--json", "print the result as JSON");
  examples(command, [
    ["jlam restore", "the newest set of local, after a question"],
    ["jlam restore 2026-11-22T02-00-00-000Z --database app", "one database of one set"],
    ["jlam restore -e production --into staging --key operations.key", "a set of another environment"],
  ]);
  command.addHelpText("after", "\nVisitors are kept out until all is back, compared, and everybody who was erased is erased again.");
  command.action(async (set: string | undefined, options: Options) => {
    const { environment: from, into = from } = options;
    const only = [...options.database.map((name) => `postgres-${name}`), ...options.volume.map((name) => `volume-${name}`)];
    const prepared = await prepareRestore({ root: repositoryRoot, set, from, into, only, keyFile: options.key });
    say(`The set ${prepared.manifest.id} of ${from} would replace in ${into}:`);
    for (const loss of prepared.losses) say(`  ${loss}`);
    if (!(await confirm(`Restore it${options.setFirst ? ", after a set was made of what is there" : ""}?`, { yes: options.yes === true, withoutTerminal: false }))) {
      throw new PersonError("Nothing was restored.", { fix: "Say --yes to restore without being asked." });
    }
    if (options.setFirst) await onTerminal.phase("Set of what is there", async () => ({ value: await takeSet(into, await listContainers(projectName(into)), repositoryRoot) }));
    const result = await prepared.run(onTerminal);
    if (options.json) return printJson({ set: prepared.manifest.id, ...result });
    printTable(["step", "seconds", "what came of it"], result.steps.map(({ step, seconds, found }) => [step, seconds.toFixed(1), found]));
    print(`${into} is as it was at ${prepared.manifest.window.to}.`);
  });
}

/** `jlam secrets set`: one value from standard input or typed unseen, or all that are ours to make. */
import type { Command } from "commander";
import { generateMissing, removeSecret, setSecret, wantedSecret, type Changed, type Target } from "../../secrets/change.ts";
import { givenValue } from "../../secrets/given-value.ts";
import { examples } from "../../terminal/examples.ts";
import { PersonError } from "../../terminal/failure.ts";
import { print, printJson } from "../../terminal/output.ts";
import { targetOf, withDryRun } from "./target.ts";

interface Options {
  readonly generate?: true;
  readonly remove?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

export function registerSet(command: Command): void {
  command.summary("set a value, or make those that are missing").description("Sets the value of a secret, read from standard input or typed unseen. Needs recipients, and no identity. To replace a value that is in use, rotate it.");
  command.argument("<environment>").argument("[secret]", "its id, as `jlam secrets list` shows it");
  command.option("--generate", "make the value; without a secret: make all that are ours to make and missing").option("--remove", "remove a secret that nothing declares any more");
  withDryRun(command).option("--json", "print what changed as JSON");
  examples(command, [
    ["jlam secrets set staging --generate", "make everything that is ours to make"],
    ["jlam secrets set staging mail-outgoing.sender", "type it, unseen"],
    ["jlam secrets set staging postgres-app.certificate-authority < ca.pem", "from a file"],
    ["jlam secrets set staging web.OLD_KEY --remove --dry-run", "say what would be removed"],
  ]);
  command.action(async (name: string, id: string | undefined, options: Options) => {
    const target = await targetOf(name, options.dryRun === true);
    const changed = await change(target, id, options);
    if (options.json) return printJson({ dryRun: target.dryRun, changed });
    if (changed.length === 0) print("Nothing is missing that is ours to make.");
    for (const { id: secret, what, version } of changed) print(`${target.dryRun ? "would be " : ""}${what}: ${secret} (version ${version})`);
  });
}

async function change(target: Target, id: string | undefined, { generate, remove }: Options): Promise<readonly Changed[]> {
  if (generate && remove) throw new PersonError("--generate and --remove contradict each other.", { exitCode: 2 });
  if (generate) return generateMissing(target, id);
  if (id === undefined) throw new PersonError("Which secret?", { fix: `\`jlam secrets list ${target.environment.name}\` has their ids; --generate makes all that are missing.`, exitCode: 2 });
  if (remove) return [removeSecret(target, id)];
  wantedSecret(target.environment, id);
  return [await setSecret(target, id, await givenValue(`Value of ${id}`))];
}

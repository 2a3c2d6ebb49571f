/** `jlam secrets files`: the secret files of an environment's containers, for a host that is served by hand. */
import { resolve } from "node:path";
import type { Command } from "commander";
import { materialise, rollBackSecrets } from "../../secrets/materialise.ts";
import { repositoryRoot } from "../../synth/platform.ts";
import { examples } from "../../terminal/examples.ts";
import { print, printJson, say } from "../../terminal/output.ts";
import { loadKnown } from "./target.ts";

export function registerFiles(command: Command): void {
  command.summary("write the files that containers read").description("Opens an environment's secrets and writes a file for each consumer, as a new version beside the one in use. `jlam deploy` does this by itself; this is for a host that is served by hand.");
  command.argument("<environment>").requiredOption("--into <folder>", "folder of mode 0700, which only this writes");
  command.option("--back", "go back to the version before").option("--identity <file>", "what opens the secrets: the file of an age identity, or of an OpenBao token").option("--json", "print JSON");
  examples(command, [
    ["jlam secrets files staging --into /srv/jlam/secrets", "then start Compose with JLAM_SECRETS=/srv/jlam/secrets/current"],
    ["jlam secrets files staging --into /srv/jlam/secrets --back", "the files of the release before"],
  ]);
  command.action(async (name: string, options: { into: string; back?: true; identity?: string; json?: true }) => {
    const environment = await loadKnown(name);
    const into = resolve(options.into);
    const placed = options.back ? rollBackSecrets(into) : await materialise(environment, { root: repositoryRoot, identity: options.identity }, into);
    if (options.json) return printJson(placed);
    print(`${placed.current} leads to version ${placed.version}.`);
    say(placed.changed.length === 0 ? "Nothing changed." : `Start these anew: ${placed.changed.join(", ")}.`);
  });
}

/** `jlam rollback ENVIRONMENT`: back to what served before, with nothing but what is on the host. */
import type { Command } from "commander";
import { isReleased } from "@jlam/compose-dsl";
import { releaseAnnouncer } from "../monitoring/announce-release.ts";
import { asPersonError, endingCodesHelp, exitCodeOf } from "../release/command/ending.ts";
import { destinationOf, withHostOptions, type HostOptions } from "../release/command/host-options.ts";
import { keeper } from "../release/command/keeping.ts";
import { onTerminal, resultAsData, resultInWords, silent } from "../release/command/witness.ts";
import { openComposeHost } from "../release/host/compose-host.ts";
import { rollback } from "../release/machine/deploy.ts";
import { openRepository } from "../release/record/repository.ts";
import { signingKey, whoAsks } from "../release/record/source.ts";
import { knownEnvironments } from "../synth/names.ts";
import { environmentNames, loadEnvironment, repositoryRoot } from "../synth/platform.ts";
import { examples } from "../terminal/examples.ts";
import { PersonError } from "../terminal/failure.ts";
import { print, printJson, say } from "../terminal/output.ts";

interface Options extends HostOptions {
  readonly key?: string;
  readonly json?: true;
}

export function register(command: Command): void {
  command.argument("<environment>", "environment to roll back").option("--key <file>", "SSH key to sign the journal with; else JLAM_SIGNING_KEY, else git's user.signingkey").option("--json", "print the result as JSON");
  withHostOptions(command);
  examples(command, [["jlam rollback production", "to the release that served before, within seconds"]]);
  command.addHelpText("after", "\nImages, configuration and secrets of the release before are still on the host, so no registry is asked. While a deploy\nis watched or held this takes it back; nothing has to start. No gate is asked: it returns to what ran here.");
  command.addHelpText("after", endingCodesHelp);
  command.action(async (name: string, options: Options) => {
    knownEnvironments([name], environmentNames());
    const environment = await loadEnvironment(name);
    if (!isReleased(environment.node)) throw new PersonError(`${name} runs on this machine, and isn't released.`, { exitCode: 2 });
    const destination = destinationOf(environment, options, repositoryRoot);
    const who = await whoAsks(repositoryRoot);
    try {
      const result = await rollback({
        environment: name,
        who,
        open: () => openComposeHost(name, destination),
        preview: async () => [],
        announce: releaseAnnouncer({ environment, services: undefined, who, why: "rollback", report: say }),
        witness: options.json ? silent : onTerminal,
        keep: keeper(await openRepository(repositoryRoot), name, await signingKey(repositoryRoot, options.key)),
      });
      process.exitCode = exitCodeOf(result);
      if (options.json) printJson(resultAsData(result));
      else for (const line of resultInWords(name, result)) print(line);
    } catch (error) {
      throw asPersonError(error, name);
    }
  });
}

/** `jlam release accept`: a person's word for a release that was too little visited to be judged. */
import type { Command } from "commander";
import { isReleased } from "@jlam/compose-dsl";
import { asPersonError, endingCodesHelp, exitCodeOf } from "../../release/command/ending.ts";
import { destinationOf, withHostOptions, type HostOptions } from "../../release/command/host-options.ts";
import { keeper } from "../../release/command/keeping.ts";
import { onTerminal, resultAsData, resultInWords, silent } from "../../release/command/witness.ts";
import { openComposeHost } from "../../release/host/compose-host.ts";
import { lockedHeadsOf } from "../../release/journal/locked-heads.ts";
import { accept } from "../../release/machine/deploy.ts";
import { openRepository } from "../../release/record/repository.ts";
import { signingKey, whoAsks } from "../../release/record/source.ts";
import { knownEnvironments } from "../../synth/names.ts";
import { environmentNames, loadEnvironment, repositoryRoot } from "../../synth/platform.ts";
import { examples } from "../../terminal/examples.ts";
import { PersonError } from "../../terminal/failure.ts";
import { print, printJson } from "../../terminal/output.ts";

interface Options extends HostOptions {
  readonly reason: string;
  readonly key?: string;
  readonly secretsIdentity?: string;
  readonly json?: true;
}

export function registerAccept(command: Command): void {
  command.summary("vouch for a release that waits, and finish its deploy").description("Finishes a deploy that waits because too few requests came while it was watched. Who vouched for it and why goes into the journal.");
  command.requiredOption("--reason <text>", "what you saw of it").option("--key <file>", "SSH key to sign the journal with; else JLAM_SIGNING_KEY, else git's user.signingkey").option("--secrets-identity <file>", "age identity that opens the key to the locked bucket").option("--json", "print the result as JSON");
  withHostOptions(command);
  examples(command, [["jlam release accept production --reason 'nobody visits at night; I signed in and read my file'", "the old version stops"]]);
  command.addHelpText("after", "\nIt doesn't finish one that failed: that was taken back, or is by `jlam rollback`.");
  command.addHelpText("after", endingCodesHelp);
  command.action(async (name: string, options: Options) => {
    knownEnvironments([name], environmentNames());
    const environment = await loadEnvironment(name);
    if (!isReleased(environment.node)) throw new PersonError(`${name} runs on this machine, and isn't released.`, { exitCode: 2 });
    const reason = options.reason.trim();
    if (reason === "") throw new PersonError("Vouching for a release needs a reason.", { fix: "Say with --reason what you saw of it.", exitCode: 2 });
    const destination = destinationOf(environment, options, repositoryRoot);
    try {
      const result = await accept(
        {
          environment: name,
          who: await whoAsks(repositoryRoot),
          open: () => openComposeHost(name, destination),
          preview: async () => [],
          witness: options.json ? silent : onTerminal,
          keep: keeper({ repository: await openRepository(repositoryRoot), environment: name, key: await signingKey(repositoryRoot, options.key), bucket: () => lockedHeadsOf(environment, { root: repositoryRoot, identity: options.secretsIdentity }) }),
        },
        reason,
      );
      process.exitCode = exitCodeOf(result);
      if (options.json) printJson(resultAsData(result));
      else for (const line of resultInWords(name, result)) print(line);
    } catch (error) {
      throw asPersonError(error, name);
    }
  });
}

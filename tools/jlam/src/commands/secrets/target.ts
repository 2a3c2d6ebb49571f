/** The environment that a `jlam secrets` command is about, and options that several of them share. */
import type { Command } from "commander";
import type { ResolvedEnvironment } from "@jlam/compose-dsl";
import type { Target } from "../../secrets/change.ts";
import { identityVariable } from "../../secrets/sealed/identity.ts";
import { knownEnvironments } from "../../synth/names.ts";
import { environmentNames, loadEnvironment, repositoryRoot } from "../../synth/platform.ts";
import { PersonError } from "../../terminal/failure.ts";

export async function loadKnown(name: string): Promise<ResolvedEnvironment> {
  const [known = name] = knownEnvironments([name], environmentNames());
  return loadEnvironment(known);
}

/** @throws PersonError for an environment whose values are not in its encrypted file */
export async function targetOf(name: string, dryRun: boolean): Promise<Target> {
  const environment = await loadKnown(name);
  const { kind } = environment.node.secrets;
  if (kind === "sealed") return { environment, root: repositoryRoot, now: new Date(), dryRun };
  throw new PersonError(`The secrets of ${environment.name} are not in an encrypted file.`, {
    why: kind === "machine" ? "The machine that boots it makes them: environments/" + environment.name + "/.secrets." : "They are kept by OpenBao.",
    fix: kind === "machine" ? `\`jlam up ${environment.name}\` makes what is missing.` : "Use `bao kv put`, or say sealedSecrets(…) in its environment.ts.",
  });
}

export const withIdentity = (command: Command): Command => command.option("--identity <file>", `your age identity; ${identityVariable} or ~/.config/jlam/age-identity without it`);
export const withDryRun = (command: Command): Command => command.option("--dry-run", "say what would change, and change nothing");

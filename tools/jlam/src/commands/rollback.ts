/** `jlam rollback ENVIRONMENT`: back to what served before, with nothing but what is on the host. */
import type { Command } from "commander";
import { isReleased } from "@jlam/compose-dsl";
import { releaseAnnouncer } from "../monitoring/announce-release.ts";
import { asPersonError, endingCodesHelp, exitCodeOf } from "../release/command/ending.ts";
import { destinationOf, withHostOptions, type HostOptions } from "../release/command/host-options.ts";
import { judgeWayBack, mayReturn, newestKnown } from "../release/command/judge-rollback.ts";
import { keeper } from "../release/command/keeping.ts";
import { onTerminal, resultAsData, resultInWords, silent } from "../release/command/witness.ts";
import { refusedCode } from "../release/exit-codes.ts";
import { refusalInWords } from "../release/gates/refusal.ts";
import { openComposeHost } from "../release/host/compose-host.ts";
import { lockedHeadsOf } from "../release/journal/locked-heads.ts";
import type { Host } from "../release/host/host.ts";
import { readJournal } from "../release/journal/journal.ts";
import { NothingToReturnTo, rollback } from "../release/machine/deploy.ts";
import { BrokenJournal } from "../release/machine/host-journal.ts";
import { rollbackTarget, situationOf } from "../release/machine/situation.ts";
import { planRollback } from "../release/plan/rollback.ts";
import { planInWords } from "../release/plan/words.ts";
import { findRelease, releasedFiles } from "../release/record/archive.ts";
import { shortId } from "../release/record/release.ts";
import { openRepository, type ReleaseRepository } from "../release/record/repository.ts";
import { signingKey, whoAsks } from "../release/record/source.ts";
import { knownEnvironments } from "../synth/names.ts";
import { environmentNames, loadEnvironment, repositoryRoot } from "../synth/platform.ts";
import { examples } from "../terminal/examples.ts";
import { PersonError } from "../terminal/failure.ts";
import { print, printJson, say } from "../terminal/output.ts";

interface Options extends HostOptions {
  readonly plan?: true;
  readonly breakGlass?: string;
  readonly key?: string;
  readonly secretsIdentity?: string;
  readonly json?: true;
}

export function register(command: Command): void {
  command
    .argument("<environment>", "environment to roll back")
    .option("--plan", "show what would be done, and do nothing")
    .option("--break-glass <reason>", "go back although a gate is closed; who and why goes into the journal")
    .option("--key <file>", "SSH key to sign the journal with; else JLAM_SIGNING_KEY, else git's user.signingkey")
    .option("--secrets-identity <file>", "age identity that opens the key to the locked bucket")
    .option("--json", "print the result as JSON");
  withHostOptions(command);
  examples(command, [
    ["jlam rollback production", "to the release that served before, within seconds"],
    ["jlam rollback production --plan", "which one that is, and what changes"],
  ]);
  command.addHelpText("after", "\nImages, configuration and secrets of the release before are still on the host, so no registry is asked. While a deploy\nis watched or held this takes it back; nothing has to start. It returns only to what ran here, and not where a schema has\nlost what that needs; no approval, soak or freeze is asked for.");
  command.addHelpText("after", endingCodesHelp);
  command.action(async (name: string, options: Options) => {
    knownEnvironments([name], environmentNames());
    const environment = await loadEnvironment(name);
    if (!isReleased(environment.node)) throw new PersonError(`${name} runs on this machine, and isn't released.`, { exitCode: 2 });
    if (options.breakGlass?.trim() === "") throw new PersonError("Breaking the glass needs a reason.", { fix: "Say it: --break-glass 'the sign-in is down'.", exitCode: 2 });
    const destination = destinationOf(environment, options, repositoryRoot);
    const open = (): Promise<Host> => openComposeHost(name, destination);
    const glass = options.breakGlass === undefined ? undefined : { reason: options.breakGlass.trim() };
    const [who, repository] = await Promise.all([whoAsks(repositoryRoot), openRepository(repositoryRoot)]);
    try {
      if (options.plan) return await show(name, repository, open, options);
      const key = await signingKey(repositoryRoot, options.key);
      // Asked for while the host is being reached.
      const newest = newestKnown(repository);
      newest.catch(() => undefined);
      const manner = {
        environment: name,
        who,
        open,
        preview: async () => [],
        announce: releaseAnnouncer({ environment, services: undefined, expected: "no-interruption", who, why: "rollback", report: say }),
        witness: options.json ? silent : onTerminal,
        keep: keeper({ repository, environment: name, key, bucket: () => lockedHeadsOf(environment, { root: repositoryRoot, identity: options.secretsIdentity }) }),
      };
      const result = await rollback(manner, mayReturn(newest, name, glass));
      process.exitCode = exitCodeOf(result);
      if (options.json) printJson(resultAsData(result));
      else for (const line of resultInWords(name, result)) print(line);
    } catch (error) {
      throw asPersonError(error, name);
    }
  });
}

/** The plan of the way back, and whether it may be gone. */
async function show(environment: string, repository: ReleaseRepository, open: () => Promise<Host>, { json, breakGlass }: Options): Promise<void> {
  const host = await open();
  try {
    const [from, text, { clock }] = await Promise.all([newestKnown(repository), host.journal(), host.facts()]);
    const { entries, broken } = readJournal(environment, text);
    if (broken) throw new BrokenJournal(broken);
    const situation = situationOf(entries);
    const { serving, run } = situation;
    if (run?.action === "deploy") {
      const rest = `release ${shortId(run.to.release)} is taken back, which is at ${run.step}; ${run.from ? `${shortId(run.from.release)} serves, which still runs` : "nothing served before"}`;
      return json ? printJson({ takesBack: run.to.release, serves: run.from?.release ?? null }) : print(rest);
    }
    const target = rollbackTarget(situation);
    if (!serving || !target) throw new NothingToReturnTo(serving ? "Only one release ever served here." : "No release ever served here.");
    const [now, then] = await Promise.all([serving, target].map(async ({ release }) => {
      const found = await findRelease(from, release);
      return { release: found, files: await releasedFiles(from, found, environment) };
    }));
    if (!now || !then) throw new RangeError("two releases were read");
    const plan = planRollback(environment, now, then);
    const { passed, refusals } = await judgeWayBack(from, { environment, target: then.release, entries, clock, host: host.name, now: new Date() }, breakGlass === undefined ? undefined : { reason: breakGlass });
    if (!passed) process.exitCode = refusedCode;
    if (json) return printJson({ plan, passed, refusals });
    for (const line of planInWords(plan)) print(line);
    for (const refusal of refusals) say(`✖ ${refusalInWords(refusal)}`);
  } finally {
    await host.close();
  }
}

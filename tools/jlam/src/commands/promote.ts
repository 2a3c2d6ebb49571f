/** `jlam promote FROM TO`: what one environment proved becomes what the next is to have. */
import type { Command } from "commander";
import { gatherFacts, servingRelease } from "../release/gates/gather.ts";
import { judgePromotion } from "../release/gates/judge.ts";
import { refusalInWords } from "../release/gates/refusal.ts";
import { exitCodesHelp, refusedCode } from "../release/exit-codes.ts";
import { keptJournal } from "../release/journal/kept.ts";
import { planInWords } from "../release/plan/words.ts";
import { findRelease, keepPromotion } from "../release/record/archive.ts";
import { releaseInWords } from "../release/record/describe.ts";
import { shortId } from "../release/record/release.ts";
import { openRepository, snapshot } from "../release/record/repository.ts";
import { whoAsks } from "../release/record/source.ts";
import { knownEnvironments } from "../synth/names.ts";
import { environmentNames, loadEnvironment, repositoryRoot } from "../synth/platform.ts";
import { examples } from "../terminal/examples.ts";
import { PersonError } from "../terminal/failure.ts";
import { print, printJson, say } from "../terminal/output.ts";

export function register(command: Command): void {
  command.argument("<from>", "environment that proved it").argument("<to>", "environment that is to have it").option("--json", "print the decision, with the plan, as JSON");
  examples(command, [
    ["jlam promote staging production", "the release that staging runs, once its soak is over"],
    ["jlam promote staging production --json", "why not, as data"],
  ]);
  command.addHelpText("after", "\nNothing is built and nothing starts: the very release that was proven is named, and `jlam deploy` brings it. Approvals and\nfreezes are looked at when it is deployed.");
  command.addHelpText("after", exitCodesHelp({ 0: "promoted", 1: "something can't be read", 2: "the command line isn't understood", [refusedCode]: "a gate stayed closed; nothing changed" }));
  command.action(promote);
}

async function promote(fromName: string, toName: string, { json }: { json?: true }): Promise<void> {
  knownEnvironments([fromName, toName], environmentNames());
  const { node } = await loadEnvironment(toName);
  if (node.releases.seenIn !== fromName) {
    throw new PersonError(`${toName} takes no releases from ${fromName}.`, { fix: node.releases.seenIn === undefined ? `It takes any: \`jlam deploy ${toName} RELEASE\`.` : `It takes what ${node.releases.seenIn} proved: \`jlam promote ${node.releases.seenIn} ${toName}\`.`, exitCode: 2 });
  }
  const repository = await openRepository(repositoryRoot);
  const from = await snapshot(repository);
  const serving = servingRelease((await keptJournal(from, fromName)).entries);
  if (serving === undefined) throw new PersonError(`${fromName} has no release to promote.`, { fix: `Deploy one there first: \`jlam deploy ${fromName}\`.` });
  const release = await findRelease(from, serving);
  const now = new Date();
  const facts = await gatherFacts({ root: repositoryRoot, from, environment: toName, rules: node.releases, release, now });
  const { passed, refusals } = judgePromotion(facts);
  if (passed) await keepPromotion(repository, { environment: toName, release: release.id, from: fromName, by: await whoAsks(repositoryRoot), at: now.toISOString() });
  else process.exitCode = refusedCode;
  if (json) return printJson({ promoted: passed, release: release.id, refusals, plan: facts.plan });
  if (!passed) {
    say(`✖ Release ${releaseInWords(release)} may not come to ${toName} yet:`);
    for (const refusal of refusals) say(refusalInWords(refusal).replace(/^/gm, "  "));
    return;
  }
  for (const line of planInWords(facts.plan)) print(line);
  const needs = node.releases.approvals > 0 ? `Next: somebody who wrote none of it runs \`jlam approve ${toName}\`; then \`jlam deploy ${toName}\`.` : `Next: \`jlam deploy ${toName}\`.`;
  say(`Release ${shortId(release.id)} is promoted to ${toName}. ${needs}`);
}

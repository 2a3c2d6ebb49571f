/** `jlam deploy ENVIRONMENT`: bring a release to its host. */
import { InvalidArgumentError, type Command } from "commander";
import { duration, emitFiles, isReleased, type DurationInput, type ResolvedEnvironment } from "@jlam/compose-dsl";
import { releaseAnnouncer } from "../monitoring/announce-release.ts";
import { asPersonError, endingCodesHelp, exitCodeOf } from "../release/command/ending.ts";
import { destinationOf, withHostOptions, type HostOptions } from "../release/command/host-options.ts";
import { keeper } from "../release/command/keeping.ts";
import { onTerminal, resultAsData, resultInWords, silent } from "../release/command/witness.ts";
import { refusedCode } from "../release/exit-codes.ts";
import { gatherFacts } from "../release/gates/gather.ts";
import { judgeDeploy, judgeWhileRunning, type GateFacts, type JudgedJournal } from "../release/gates/judge.ts";
import { migrationMode } from "../release/gates/migrations.ts";
import { refusalInWords } from "../release/gates/refusal.ts";
import { openComposeHost } from "../release/host/compose-host.ts";
import type { Host } from "../release/host/host.ts";
import { readJournal } from "../release/journal/journal.ts";
import { keptJournal } from "../release/journal/kept.ts";
import { lockedHeadsOf } from "../release/journal/locked-heads.ts";
import { deploy, type Delivery } from "../release/machine/deploy.ts";
import { itineraryOf, type Itinerary } from "../release/machine/itinerary.ts";
import type { Preview } from "../release/machine/steps.ts";
import { isNoticed } from "../release/plan/plan.ts";
import { planInWords } from "../release/plan/words.ts";
import { findRelease, promotedTo, releasedFiles } from "../release/record/archive.ts";
import { configurationOf, shortId, type Release } from "../release/record/release.ts";
import { openRepository, snapshot, type Snapshot } from "../release/record/repository.ts";
import { namespaces } from "../release/record/signature.ts";
import { checkSignature, signersOf } from "../release/record/signers.ts";
import { signingKey, whoAsks } from "../release/record/source.ts";
import { visitor } from "../release/smoke/ask.ts";
import { isPreviewable, runSmoke } from "../release/smoke/run.ts";
import { usualWatch } from "../release/watch/window.ts";
import { secretFilesOf } from "../secrets/materialise.ts";
import { knownEnvironments } from "../synth/names.ts";
import { environmentNames, loadEnvironment, repositoryRoot } from "../synth/platform.ts";
import { examples } from "../terminal/examples.ts";
import { PersonError } from "../terminal/failure.ts";
import { onInterrupt } from "../terminal/interrupt.ts";
import { print, printJson, say } from "../terminal/output.ts";

interface Options extends HostOptions {
  readonly plan?: true;
  readonly accept: readonly string[];
  readonly breakGlass?: string;
  readonly watch: number;
  readonly minimum: number;
  readonly key?: string;
  readonly secretsIdentity?: string;
  readonly json?: true;
}

const collected = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export function register(command: Command): void {
  command
    .argument("<environment>", "environment to release to")
    .argument("[release]", "id, or how it begins; the promoted one without")
    .option("--plan", "show what would be done, and do nothing")
    .option("--accept <code:subject>", "a blocker of the plan that is accepted", collected, [])
    .option("--break-glass <reason>", "pass closed gates; who and why goes into the journal")
    .option("--watch <duration>", "how long the new version is watched before the old one stops", parseDuration, usualWatch.window)
    .option("--minimum <requests>", "fewer requests than these say nothing about it", Number, usualWatch.minimum)
    .option("--key <file>", "SSH key to sign the journal with; else JLAM_SIGNING_KEY, else git's user.signingkey")
    .option("--secrets-identity <file>", "age identity that opens the environment's secrets")
    .option("--json", "print the result as JSON");
  withHostOptions(command);
  examples(command, [
    ["jlam deploy production --plan", "what would be done, and why"],
    ["jlam deploy staging 4f1d09", "a release that was just built"],
    ["jlam deploy production", "the promoted release"],
  ]);
  command.addHelpText("after", "\nThe new version starts beside the old one and is switched to when it is healthy; it is watched, and switched back from\nby itself where it disappoints. Interrupted anywhere, the same command goes on. The first deploy to an empty host is the same.");
  command.addHelpText("after", endingCodesHelp);
  command.action(bring);
}

async function bring(name: string, asked: string | undefined, options: Options): Promise<void> {
  knownEnvironments([name], environmentNames());
  const environment = await loadEnvironment(name);
  if (!isReleased(environment.node)) throw new PersonError(`${name} runs on this machine, and isn't released.`, { fix: `\`jlam up ${name}\` boots it.`, exitCode: 2 });
  const repository = await openRepository(repositoryRoot);
  const from = await snapshot(repository);
  const release = asked === undefined ? await promotedTo(from, name) : await findRelease(from, asked);
  if (!release) throw new PersonError(`No release was promoted to ${name}.`, { fix: environment.node.releases.seenIn === undefined ? `Name one: \`jlam deploy ${name} RELEASE\`.` : `\`jlam promote ${environment.node.releases.seenIn} ${name}\` names the one that ${environment.node.releases.seenIn} proved.` });
  const destination = destinationOf(environment, options, repositoryRoot);
  const open = (): Promise<Host> => openComposeHost(name, destination);
  try {
    const facts = await askedOf(open, environment, from, release, options);
    if (!mayDeploy(facts, options) || options.plan) return;
    const judgement = judgeDeploy(facts, options.breakGlass === undefined ? undefined : { reason: options.breakGlass });
    const delivery: Delivery = { ...(await packed(environment, from, release, facts, options)), approvers: judgement.approvers, brokenGlass: judgement.brokenGlass };
    const stop = new AbortController();
    const who = await whoAsks(repositoryRoot);
    const working = deploy(delivery, {
      environment: name,
      who,
      open,
      preview: previewOf(release, name),
      // Somebody may take an approval back while it runs.
      objections: judgement.brokenGlass === null ? () => objectionsNow(environment, release, options) : async () => [],
      announce: releaseAnnouncer({ environment, services: delivery.planned && new Set([...delivery.planned, ...delivery.itinerary.coloured.map(({ service }) => service)]), expected: isNoticed(facts.plan) ? "downtime" : "no-interruption", who, why: `deploy ${shortId(release.id)}`, report: say }),
      watch: { ...usualWatch, window: options.watch, minimum: options.minimum },
      witness: options.json ? silent : onTerminal,
      keep: keeper({ repository, environment: name, key: await signingKey(repositoryRoot, options.key), bucket: () => lockedHeadsOf(environment, { root: repositoryRoot, identity: options.secretsIdentity }) }),
      stop: stop.signal,
    });
    const forget = onInterrupt(async () => {
      say(`Stopping. What serves goes on; \`jlam deploy ${name}\` goes on where this ended.`);
      stop.abort();
      await working.catch(() => undefined);
    });
    const result = await working.finally(forget);
    process.exitCode = exitCodeOf(result);
    if (options.json) printJson(resultAsData(result));
    else for (const line of resultInWords(name, result)) print(line);
  } catch (error) {
    throw asPersonError(error, name);
  }
}

/** What the gates look at, with the host's own clock and journal. */
async function askedOf(open: () => Promise<Host>, environment: ResolvedEnvironment, from: Snapshot, release: Release, { accept }: Options): Promise<GateFacts> {
  const { name, node } = environment;
  const host = await open();
  try {
    const [{ clock }, text, kept] = await Promise.all([host.facts(), host.journal(), keptJournal(from, name)]);
    const read = readJournal(name, text, kept.head);
    const signature = kept.head && (await checkSignature(kept.headText, kept.signature, await signersOf(repositoryRoot, name, undefined), { namespace: namespaces.journal, at: new Date() }));
    // What the host has beyond the kept head is vouched for by the chain, and kept with the next head.
    const journal: JudgedJournal = { ...read, environment: name, headTrusted: signature?.kind === "valid" || kept.head === undefined };
    const now = new Date();
    return await gatherFacts({ root: repositoryRoot, from, environment: name, rules: node.releases, release, now, clocks: [{ of: host.name, at: new Date(clock * 1000), kind: "now" }], journal, accept });
  } finally {
    await host.close();
  }
}

/** Why the release may no longer come, asked anew: approvals that were taken back or have ended. */
async function objectionsNow({ name, node }: ResolvedEnvironment, release: Release, { accept }: Options): Promise<readonly string[]> {
  const facts = await gatherFacts({ root: repositoryRoot, from: await snapshot(await openRepository(repositoryRoot)), environment: name, rules: node.releases, release, now: new Date(), accept });
  return judgeWhileRunning(facts).map(refusalInWords);
}

/** Shows the plan and what keeps it from being carried out; sets the exit code where something does. */
function mayDeploy(facts: GateFacts, { plan, json, breakGlass }: Options): boolean {
  const { passed, refusals } = judgeDeploy(facts, breakGlass === undefined ? undefined : { reason: breakGlass });
  const isBlocked = facts.plan.blockers.length > 0;
  if (plan && json) printJson({ plan: facts.plan, passed, refusals });
  else if (!json) for (const line of planInWords(facts.plan)) (plan ? print : say)(line);
  if (!passed) {
    say(`✖ Release ${shortId(facts.release.id)} may not come to ${facts.environment} now:`);
    for (const refusal of refusals) say(refusalInWords(refusal).replace(/^/gm, "  "));
  }
  if (passed && !isBlocked) return true;
  process.exitCode = refusedCode;
  return false;
}

/** Everything that the host gets. The model must be the release's own: services and secrets are taken from it. */
async function packed(environment: ResolvedEnvironment, from: Snapshot, release: Release, { plan, running }: GateFacts, { secretsIdentity }: Options): Promise<Omit<Delivery, "approvers" | "brokenGlass">> {
  const files = await releasedFiles(from, release, environment.name);
  if (configurationOf(emitFiles(environment)) !== release.environments[environment.name]?.configuration) {
    throw new PersonError(`What is checked out isn't what release ${shortId(release.id)} was built from.`, { why: "Its services and secrets are described by its own revision.", fix: `\`git worktree add ../release ${release.revision.slice(0, 12)}\`, and deploy from there.` });
  }
  const expandOnly = new Set(Object.entries(release.schemas).flatMap(([application, schema]) => (migrationMode(schema, running?.schemas[application]) === "expand-only" ? [schema.job] : [])));
  const secrets = await secretFilesOf(environment, { root: repositoryRoot, identity: secretsIdentity });
  return {
    release,
    files,
    itinerary: itineraryOf(environment, release, files, { expandOnly, setBecause: plan.actions.find(({ kind }) => kind === "set")?.because ?? [] }),
    secrets: new Map([...secrets].flatMap(([service, own]) => [...own].map(([file, value]) => [`${service}/${file}`, value] as const))),
    plan: plan.hash,
    planned: new Set(plan.actions.map(({ subject }) => subject)),
  };
}

/** How long a smoke check may wait for an answer, in milliseconds. */
const smokeTimeout = 10_000;

/** Asks the new version what its release promises of its routes. */
const previewOf =
  (release: Release, environment: string): Preview =>
  async ({ host, port }, itinerary: Itinerary) => {
    const routes = new Set(itinerary.coloured.flatMap((coloured) => coloured.routes.map(({ router }) => router)));
    const checks = (release.environments[environment]?.smoke ?? []).filter((check) => isPreviewable(check) && routes.has(check.route));
    const results = await runSmoke(checks, visitor({ through: { host, port, httpPort: port }, anyCertificate: true, timeout: smokeTimeout }));
    return results.flatMap(({ check, failure }) => (failure === undefined ? [] : [`${check.route} ${check.kind}: ${failure}`]));
  };

function parseDuration(text: string): number {
  try {
    return duration(text as DurationInput).ms;
  } catch {
    throw new InvalidArgumentError("Write a number and a unit, such as 90s or 5m.");
  }
}

/** `jlam approve`: sign for a release, or take that back. */
import type { Command } from "commander";
import { approvalFile, approvalGate, approvalId, longestApprovalHours, type Approval } from "../release/gates/approval.ts";
import { gatherFacts } from "../release/gates/gather.ts";
import { keepApproval, keptApprovals, revokeApproval } from "../release/gates/kept-approvals.ts";
import { refusalInWords } from "../release/gates/refusal.ts";
import { exitCodesHelp, refusedCode } from "../release/exit-codes.ts";
import { planInWords } from "../release/plan/words.ts";
import { findRelease, promotedTo } from "../release/record/archive.ts";
import { releaseInWords } from "../release/record/describe.ts";
import { shortId, type Release } from "../release/record/release.ts";
import { openRepository, snapshot, type Snapshot } from "../release/record/repository.ts";
import { namespaces, sign } from "../release/record/signature.ts";
import { checkSignature, signersOf, signersPath } from "../release/record/signers.ts";
import { signingKey, whoAsks } from "../release/record/source.ts";
import { knownEnvironments } from "../synth/names.ts";
import { environmentNames, loadEnvironment, repositoryRoot } from "../synth/platform.ts";
import { confirm } from "../terminal/confirm.ts";
import { examples } from "../terminal/examples.ts";
import { PersonError } from "../terminal/failure.ts";
import { print, printJson, printTable, say } from "../terminal/output.ts";

interface Options {
  readonly for: number;
  readonly key?: string;
  readonly accept: readonly string[];
  readonly yes?: true;
  readonly list?: true;
  readonly revoke?: string;
  readonly reason?: string;
  readonly json?: true;
}

const collected = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export function register(command: Command): void {
  command
    .argument("[environment]", "environment that it is for", "production")
    .argument("[release]", "id, or how it begins; the promoted one without")
    .option("--for <hours>", `how long it holds, at most ${longestApprovalHours}`, Number, 24)
    .option("--key <file>", "SSH key to sign with; else JLAM_SIGNING_KEY, else git's user.signingkey")
    .option("--accept <code:subject>", "a blocker of the plan that is accepted; the deploy must accept the same", collected, [])
    .option("--yes", "don't ask")
    .option("--list", "show the approvals of the environment")
    .option("--revoke <id>", "take an approval back; a deploy that is running stops")
    .option("--reason <text>", "why it is taken back")
    .option("--json", "print JSON");
  examples(command, [
    ["jlam approve production", "the promoted release, by the plan that is shown"],
    ["jlam approve production --list", "who approved what, and until when"],
    ["jlam approve --revoke 1f0c22 --reason 'the sign-in is broken'", "take one back"],
  ]);
  command.addHelpText("after", "\nAn approval is for one release, one environment and one plan, and doesn't count where its signer wrote part of the release.");
  command.addHelpText("after", exitCodesHelp({ 0: "signed, listed or revoked", 1: "something can't be read or signed", 2: "the command line isn't understood", [refusedCode]: "the approval wouldn't count, or the plan is blocked; nothing was kept" }));
  command.action(async (environment: string, asked: string | undefined, options: Options) => {
    knownEnvironments([environment], environmentNames());
    if (options.revoke !== undefined) return await revoke(options.revoke, options.reason);
    if (options.list) return await list(environment, options.json === true);
    await approve(environment, asked, options);
  });
}

async function approve(environment: string, asked: string | undefined, options: Options): Promise<void> {
  if (!(options.for > 0) || options.for > longestApprovalHours) throw new PersonError(`An approval holds for more than 0 and at most ${longestApprovalHours} hours.`, { exitCode: 2 });
  const { node } = await loadEnvironment(environment);
  const repository = await openRepository(repositoryRoot);
  const from = await snapshot(repository);
  const release = await wanted(from, environment, asked);
  const now = new Date();
  const facts = await gatherFacts({ root: repositoryRoot, from, environment, rules: node.releases, release, now, accept: options.accept });
  for (const line of planInWords(facts.plan)) say(line);
  if (facts.plan.blockers.length > 0) {
    process.exitCode = refusedCode;
    return say("✖ A plan that is blocked can't be approved.");
  }
  if (!(await confirm(`Approve release ${releaseInWords(release)} for ${environment}?`, { yes: options.yes === true, withoutTerminal: false }))) throw new PersonError("Nothing was approved.", { fix: "Without a terminal, say --yes." });
  const approval: Approval = { format: 1, environment, release: release.id, plan: facts.plan.hash, approver: await whoAsks(repositoryRoot), at: now.toISOString(), expires: new Date(now.getTime() + options.for * 3_600_000).toISOString() };
  const text = approvalFile(approval);
  const signature = await sign(text, await signingKey(repositoryRoot, options.key), namespaces.approval);
  const signers = await signersOf(repositoryRoot, environment, facts.running?.revision);
  const checked = { approval, revoked: undefined, signature: await checkSignature(text, signature, signers, { namespace: namespaces.approval, at: now }) };
  const [objection] = approvalGate({ ...facts, release: release.id, plan: facts.plan.hash, approvals: [checked], needed: 1 });
  if (objection) {
    process.exitCode = refusedCode;
    say(`✖ ${refusalInWords(objection)}`);
    return say(`  Who may approve is in ${signersPath(environment)}, by mail address and key.`);
  }
  const id = await keepApproval(repository, approval, signature);
  if (options.json) return printJson({ id, ...approval });
  print(id);
  say(`${approval.approver} approved release ${shortId(release.id)} for ${environment} until ${approval.expires}. Next: \`jlam deploy ${environment}\`.`);
}

async function wanted(from: Snapshot, environment: string, asked: string | undefined): Promise<Release> {
  if (asked !== undefined) return await findRelease(from, asked);
  const promoted = await promotedTo(from, environment);
  if (promoted) return promoted;
  throw new PersonError(`No release was promoted to ${environment}.`, { fix: `Promote one first, or name it: \`jlam approve ${environment} RELEASE\`.` });
}

async function list(environment: string, json: boolean): Promise<void> {
  const kept = (await keptApprovals(await snapshot(await openRepository(repositoryRoot)))).filter(({ approval }) => approval.environment === environment);
  if (json) return printJson(kept.map(({ approval, revoked }) => ({ id: approvalId(approval), ...approval, revoked })));
  if (kept.length === 0) return print(`Nobody approved anything for ${environment}.`);
  printTable(["APPROVAL", "RELEASE", "BY", "AT", "UNTIL", "REVOKED"], kept.map(({ approval, revoked }) => [approvalId(approval), shortId(approval.release), approval.approver, approval.at, approval.expires, revoked ?? ""]));
}

async function revoke(id: string, reason: string | undefined): Promise<void> {
  if (reason === undefined || reason.trim() === "") throw new PersonError("Taking an approval back needs a reason.", { fix: "Say it with --reason; the one who deploys reads it.", exitCode: 2 });
  const revoked = await revokeApproval(await openRepository(repositoryRoot), id, { by: await whoAsks(repositoryRoot), at: new Date().toISOString(), reason: reason.trim() });
  print(revoked);
  say(`Approval ${revoked} is taken back.`);
}

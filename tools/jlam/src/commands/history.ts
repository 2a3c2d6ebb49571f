/** `jlam history`: what was released where, and whether the record of it can be believed. */
import { readFileSync, writeFileSync } from "node:fs";
import type { Command } from "commander";
import { exitCodesHelp, tamperedCode } from "../release/exit-codes.ts";
import { inWords } from "../release/gates/soak.ts";
import { keptJournal } from "../release/journal/kept.ts";
import { readJournal, type JournalHead } from "../release/journal/journal.ts";
import { contradictionOf, lockedHeadsOf } from "../release/journal/locked-heads.ts";
import { shortId } from "../release/record/release.ts";
import { openRepository, snapshot } from "../release/record/repository.ts";
import { namespaces } from "../release/record/signature.ts";
import { checkSignature, signersOf } from "../release/record/signers.ts";
import { historyOf, keptJournals } from "../release/report/histories.ts";
import { metricsText } from "../release/report/metrics.ts";
import { historyPage, numbersInWords, type EnvironmentHistory } from "../release/report/page.ts";
import { knownEnvironments } from "../synth/names.ts";
import { environmentNames, loadEnvironment, repositoryRoot } from "../synth/platform.ts";
import { examples } from "../terminal/examples.ts";
import { messageOf, PersonError } from "../terminal/failure.ts";
import { print, printJson, printTable, say } from "../terminal/output.ts";

interface Options {
  readonly limit: number;
  readonly metrics?: true;
  readonly page?: string;
  readonly json?: true;
}

export function register(command: Command): void {
  command
    .argument("[environment]", "whose history; all of them without")
    .option("--limit <number>", "how many of the newest to show", Number, 20)
    .option("--metrics", "print the numbers as Prometheus reads them")
    .option("--page <file>", "write them as a page of HTML")
    .option("--json", "print every run, with the numbers, as JSON");
  examples(command, [
    ["jlam history production", "who released what, and how it ended"],
    ["jlam history --metrics > /var/lib/node_exporter/jlam.prom", "deploy frequency, lead time, recovery and rollback time"],
    ["jlam history verify production", "whether anybody changed the journal"],
  ]);
  command.addHelpText("after", exitCodesHelp({ 0: "shown, or the journal is whole", 1: "something can't be read", 2: "the command line isn't understood", [tamperedCode]: "a journal is broken, or nobody who may signed its head" }));
  command.action(async (environment: string | undefined, options: Options) => {
    if (environment !== undefined) knownEnvironments([environment], environmentNames());
    const now = new Date();
    const from = await snapshot(await openRepository(repositoryRoot));
    const histories = (await keptJournals(from, environment)).map((kept) => historyOf(kept, now));
    show(histories, options, now);
    if (histories.some(({ broken }) => broken !== undefined)) process.exitCode = tamperedCode;
  });
  registerVerify(command.command("verify").argument("<environment>", "whose journal"));
}

function show(histories: readonly EnvironmentHistory[], { limit, metrics, page, json }: Options, now: Date): void {
  if (page !== undefined) {
    writeFileSync(page, historyPage(histories, now));
    return say(`Written to ${page}.`);
  }
  if (metrics) return print(metricsText(new Map(histories.map((history) => [history.environment, history.metrics]))).trimEnd());
  if (json) return printJson(histories);
  if (histories.length === 0) return print("Nothing was released yet.");
  for (const history of histories) showOne(history, limit);
}

function showOne({ environment, runs, metrics, broken }: EnvironmentHistory, limit: number): void {
  print(environment);
  if (broken !== undefined) print(`✖ the journal is broken at ${broken}`);
  const newest = runs.slice(-limit).toReversed();
  printTable(
    ["BEGAN", "WHAT", "RELEASE", "ENDED", "TOOK", "BY", "APPROVED BY", "NOTE"],
    newest.map((run) => [run.began.toISOString(), run.action, shortId(run.release), run.outcome, inWords(run.ended.getTime() - run.began.getTime()), run.who, run.approvers.join(", "), run.brokenGlass === undefined ? (run.failure ?? "") : `glass broken: ${run.brokenGlass}`]),
  );
  print(numbersInWords(metrics).map(({ name, value }) => `${name}: ${value}`).join("; "));
  print();
}

function registerVerify(command: Command): void {
  command.summary("whether anybody changed the journal").description("Checks every link of the journal's chain, the head that is kept off the host, and its signature; names the first broken entry.");
  command.option("--journal <file>", "a host's own file, to compare with what is kept; - reads it from stdin").option("--bucket", "compare with the heads in the locked bucket too, whose key is among the secrets").option("--secrets-identity <file>", "age identity that opens that key").option("--json", "print the verdict as JSON");
  examples(command, [
    ["jlam history verify production", "the journal that is kept off the host"],
    ["jlam history verify production --journal journal.jsonl", "a copy of the host's own"],
    ["jlam history verify production --bucket", "also against the heads that nobody can take away"],
  ]);
  command.action(async (environment: string, { journal, json, bucket, secretsIdentity }: { journal?: string; json?: true; bucket?: true; secretsIdentity?: string }) => {
    knownEnvironments([environment], environmentNames());
    const kept = await keptJournal(await snapshot(await openRepository(repositoryRoot)), environment);
    const own = journal === undefined ? undefined : readJournal(environment, readText(journal), kept.head);
    const signature = kept.head && (await checkSignature(kept.headText, kept.signature, await signersOf(repositoryRoot, environment, undefined), { namespace: namespaces.journal, at: new Date() }));
    const locked = bucket && (await headsInBucket(environment, secretsIdentity));
    const broken = own?.broken ?? kept.broken ?? (locked && contradictionOf(locked, (own ?? kept).entries));
    const unsigned = signature !== undefined && signature.kind !== "valid";
    const entries = (own ?? kept).entries.length;
    if (broken || unsigned) process.exitCode = tamperedCode;
    if (json) return printJson({ environment, entries, broken: broken ?? null, signedBy: signature?.kind === "valid" ? signature.principal : null, lockedHeads: locked?.length ?? null });
    if (broken) return print(`✖ the journal of ${environment} is broken at entry ${broken.entry}: ${broken.why}`);
    if (kept.head === undefined && own === undefined) return print(`${environment} has no journal yet.`);
    if (unsigned) return print(`✖ the chain is whole (${entries} entries), but nobody who may write the journal of ${environment} signed its head`);
    print(`✔ ${entries} entries, each follows from the one before${signature?.kind === "valid" ? `; the head is signed by ${signature.principal}` : ""}${locked ? `; it goes through all ${locked.length} heads in the bucket` : ""}`);
  });
}

async function headsInBucket(name: string, identity: string | undefined): Promise<readonly JournalHead[]> {
  const heads = await lockedHeadsOf(await loadEnvironment(name), { root: repositoryRoot, identity });
  if (!heads) throw new PersonError(`${name} has no bucket elsewhere.`, { why: "Heads are locked into the bucket of a managed object store.", fix: "Leave out --bucket.", exitCode: 2 });
  return await heads.all();
}

function readText(path: string): string {
  try {
    return readFileSync(path === "-" ? 0 : path, "utf8");
  } catch (error) {
    throw new PersonError("The journal can't be read.", { where: path, why: messageOf(error), fix: "Name a file, or - for stdin.", cause: error });
  }
}

/** `jlam smoke`: ask a running environment what its model promises. */
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { isReleased, type ResolvedEnvironment } from "@jlam/compose-dsl";
import { servingRelease } from "../release/gates/gather.ts";
import { exitCodesHelp } from "../release/exit-codes.ts";
import { keptJournal } from "../release/journal/kept.ts";
import { keepEvidence } from "../release/record/archive.ts";
import { evidenceFile, type Evidence } from "../release/record/evidence.ts";
import { openRepository, snapshot } from "../release/record/repository.ts";
import { namespaces, sign } from "../release/record/signature.ts";
import { signingKey } from "../release/record/source.ts";
import { visitor, type Through } from "../release/smoke/ask.ts";
import { deriveSmoke } from "../release/smoke/derive.ts";
import { runSmoke, type CheckResult } from "../release/smoke/run.ts";
import { issuedFor } from "../runtime/certificates.ts";
import { knownEnvironments } from "../synth/names.ts";
import { environmentNames, loadEnvironment, repositoryRoot } from "../synth/platform.ts";
import { examples } from "../terminal/examples.ts";
import { PersonError } from "../terminal/failure.ts";
import { print, printJson, printTable } from "../terminal/output.ts";

interface Options {
  readonly at?: string;
  readonly timeout: number;
  readonly record?: true;
  readonly key?: string;
  readonly json?: true;
}

export function register(command: Command): void {
  command
    .argument("[environment]", "which environment", "local")
    .option("--at <address>", "ask this address instead of where the names lead")
    .option("--timeout <seconds>", "longest wait for an answer", Number, 10)
    .option("--record", "keep the result as signed evidence about the release that serves there")
    .option("--key <file>", "SSH key to sign the evidence with")
    .option("--json", "print every check as JSON");
  examples(command, [
    ["jlam smoke local", "what runs on this machine"],
    ["jlam smoke staging --record", "hourly: a failure makes the soak time start anew"],
    ["jlam smoke production --at 203.0.113.7", "a host before its names lead there"],
  ]);
  command.addHelpText("after", "\nFor each route: certificate, redirect to https, sign-in where there is a wall, security headers, health. A new route\nbrings its checks with it.");
  command.addHelpText("after", exitCodesHelp({ 0: "every check holds", 1: "at least one doesn't, or something can't be read", 2: "the command line isn't understood" }));
  command.action(async (name: string, options: Options) => {
    knownEnvironments([name], environmentNames());
    if (!(options.timeout > 0)) throw new PersonError("--timeout must be more than 0 seconds.", { exitCode: 2 });
    const environment = await loadEnvironment(name);
    const authority = await issuedFor(environment, repositoryRoot);
    const through = throughOf(environment, options.at);
    const results = await runSmoke(deriveSmoke(environment), visitor({ through, timeout: options.timeout * 1000, ...(authority && { authority: readFileSync(authority.authority, "utf8") }) }));
    if (options.record) await record(name, results, options.key);
    const failed = results.filter(({ failure }) => failure !== undefined);
    if (failed.length > 0) process.exitCode = 1;
    if (options.json) return printJson(results);
    printTable(["", "ROUTE", "CHECK", "ADDRESS", "TOOK", ""], results.map(({ check, failure, took }) => [failure === undefined ? "✔" : "✖", check.route, check.kind, check.kind === "redirect" ? check.from : check.url, `${took} ms`, failure ?? ""]));
    print(failed.length === 0 ? `${results.length} checks hold` : `${failed.length} of ${results.length} checks failed`);
  });
}

/** An environment of this machine answers on its published address, whatever its names resolve to. */
function throughOf({ node }: ResolvedEnvironment, at: string | undefined): Through | undefined {
  const { address, http, https } = node.publishing;
  const host = at ?? (isReleased(node) ? undefined : address);
  return host === undefined ? undefined : { host, port: https, httpPort: http };
}

async function record(environment: string, results: readonly CheckResult[], key: string | undefined): Promise<void> {
  const repository = await openRepository(repositoryRoot);
  const release = servingRelease((await keptJournal(await snapshot(repository), environment)).entries);
  if (release === undefined) throw new PersonError(`No release serves in ${environment}, so there is nothing to record it for.`, { fix: `Deploy one first, or leave out --record.` });
  const failures = results.flatMap(({ check, failure }) => (failure === undefined ? [] : [`${check.route} ${check.kind}: ${failure}`]));
  const evidence: Evidence = { format: 1, kind: "smoke", release, environment, failures, outcome: failures.length === 0 ? "passed" : "failed", at: new Date().toISOString(), report: "" };
  await keepEvidence(repository, evidence, await sign(evidenceFile(evidence), await signingKey(repositoryRoot, key), namespaces.evidence));
}

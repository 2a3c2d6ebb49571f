/** `jlam release`: build, look at and vouch for releases. */
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { z } from "zod";
import { evidenceFile, type Evidence } from "../release/record/evidence.ts";
import { registerAccept } from "./release/accept.ts";
import { exitCodesHelp } from "../release/exit-codes.ts";
import { allReleases, findRelease, keepEvidence } from "../release/record/archive.ts";
import { buildHere } from "../release/record/build-here.ts";
import { describeRelease, releaseRows } from "../release/record/describe.ts";
import { releaseIdSchema, shortId } from "../release/record/release.ts";
import { scanRelease } from "../release/record/scan.ts";
import { openRepository, snapshot } from "../release/record/repository.ts";
import { namespaces, sign } from "../release/record/signature.ts";
import { cleanRevision, signingKey } from "../release/record/source.ts";
import { repositoryRoot } from "../synth/platform.ts";
import { examples } from "../terminal/examples.ts";
import { PersonError } from "../terminal/failure.ts";
import { print, printJson, printTable, say } from "../terminal/output.ts";

export function register(command: Command): void {
  registerBuild(command.command("build"));
  registerShow(command.command("show").argument("<release>", "id, or how it begins"));
  registerList(command.command("list"));
  registerScan(command.command("scan").argument("<release>", "id, or how it begins"));
  registerEvidence(command.command("evidence"));
  registerAccept(command.command("accept").argument("<environment>", "where it waits"));
  examples(command, [
    ["jlam release build --digests digests.json", "make the release of what is checked out"],
    ["jlam release list", "every release, and where it runs"],
    ["jlam release show 4f1d09", "what is in it, and what was found out about it"],
  ]);
  command.addHelpText("after", "\nReleases are kept on the branch `releases` of JLAM_RELEASE_REPOSITORY, else of the remote origin.");
  command.addHelpText("after", exitCodesHelp({ 0: "done", 1: "it can't be built, found or read", 2: "the command line isn't understood" }));
}

function registerBuild(command: Command): void {
  command.summary("make the release of what is checked out").description("Makes the release of the checked-out revision, once: the same revision with the same images is the same release.");
  command.option("--digests <file>", "digests of the images built from this revision, written as images.lock.json").option("--json", "print the release as JSON");
  examples(command, [
    ["jlam release build", "every image is in images.lock.json"],
    ["jlam release build --digests digests.json", "our own were built and pushed just now"],
  ]);
  command.action(async ({ digests, json }: { digests?: string; json?: true }) => {
    const { release, isNew } = await buildHere(repositoryRoot, await openRepository(repositoryRoot), digests);
    if (json) return printJson(release);
    print(shortId(release.id));
    say(isNew ? `Release ${shortId(release.id)} is made of revision ${release.revision.slice(0, 12)}. Next: \`jlam deploy staging ${shortId(release.id)}\`.` : `Release ${shortId(release.id)} was made before, of the very same input.`);
  });
}

function registerShow(command: Command): void {
  command.summary("what is in a release").description("Shows what a release consists of, what was found out about it, and where it runs.");
  command.option("--json", "print it as JSON");
  examples(command, [["jlam release show 4f1d09", "as much of its id as is unique"]]);
  command.action(async (asked: string, { json }: { json?: true }) => {
    const from = await snapshot(await openRepository(repositoryRoot));
    const release = await findRelease(from, asked);
    const described = await describeRelease(from, release);
    if (json) return printJson({ ...release, evidence: described.evidence, serves: described.serves });
    for (const line of described.lines) print(line);
  });
}

function registerList(command: Command): void {
  command.summary("every release, the newest first").description("Lists every release, the newest first, with the outcome of its tests and where it runs.");
  command.option("--json", "print them as JSON");
  examples(command, [["jlam release list", "ids, revisions, tests, and where each runs"]]);
  command.action(async ({ json }: { json?: true }) => {
    const from = await snapshot(await openRepository(repositoryRoot));
    const releases = await allReleases(from);
    const rows = await releaseRows(from, releases);
    if (json) return printJson(rows);
    if (rows.length === 0) return print("There are no releases. `jlam release build` makes one.");
    printTable(["RELEASE", "REVISION", "COMMITTED", "TESTS", "RUNS IN", "PROMOTED TO"], rows.map(({ id, revision, committedAt, tests, serves, promoted }) => [shortId(id), revision.slice(0, 12), committedAt, tests, serves.join(", "), promoted.join(", ")]));
  });
}

function registerScan(command: Command): void {
  command.summary("let Trivy look at its images").description("Lets Trivy look at every image of a release, by digest, for serious vulnerabilities that a newer version mends.");
  command.option("--scanner <program>", "the program Trivy", "trivy").option("--json", "print the findings as JSON, for `jlam release evidence scan`");
  examples(command, [["jlam release scan 4f1d09 --json > scan.json", "needs no key and no secret but the registry's"]]);
  command.action(async (asked: string, { scanner, json }: { scanner: string; json?: true }) => {
    const release = await findRelease(await snapshot(await openRepository(repositoryRoot)), asked);
    const findings = await scanRelease(release, scanner, say);
    if (json) return printJson({ release: release.id, findings });
    if (findings.length === 0) return print("Nothing was found that a newer version mends.");
    printTable(["VULNERABILITY", "PACKAGE", "IMAGE"], findings.map(({ vulnerability, found, image }) => [vulnerability, found, image]));
    process.exitCode = 1;
  });
}

function registerEvidence(command: Command): void {
  command.summary("vouch for tests or a scan, signed").description("Keeps signed evidence about a revision or a release. Who may is in environments/<name>/allowed_signers, for evidence@jlam.nl.");
  const tests = command.command("tests").summary("that the tests of the checked-out revision ran").description("Keeps the result of `jlam test --json` for the checked-out revision.");
  tests.requiredOption("--result <file>", "what `jlam test --json` printed").option("--report <url>", "where the details are", "").option("--key <file>", "SSH key to sign with");
  examples(tests, [["jlam release evidence tests --result tests.json --key ci_key", "in CI, after `jlam test --json > tests.json`"]]);
  tests.action(async ({ result, report, key }: { result: string; report: string; key?: string }) => {
    const { revision } = await cleanRevision(repositoryRoot);
    const { total } = readResult(result, testResult, "jlam test --json");
    await keep({ format: 1, kind: "tests", revision, ...total, outcome: total.failed === 0 && total.passed > 0 ? "passed" : "failed", at: new Date().toISOString(), report }, key);
  });
  const scan = command.command("scan").argument("<release>", "id, or how it begins").summary("what a scan of a release's images found").description("Keeps the result of `jlam release scan`: any finding closes the gate, until a newer scan finds none.");
  scan.requiredOption("--result <file>", "what `jlam release scan --json` printed").option("--report <url>", "where the details are", "").option("--key <file>", "SSH key to sign with");
  examples(scan, [["jlam release evidence scan 4f1d09 --result scan.json --key ci_key", "after the scanner has run"]]);
  scan.action(async (asked: string, { result, report, key }: { result: string; report: string; key?: string }) => {
    const release = await findRelease(await snapshot(await openRepository(repositoryRoot)), asked);
    const { release: scanned, findings } = readResult(result, scanResult, "jlam release scan --json");
    if (scanned !== release.id) throw new PersonError(`That is the scan of release ${shortId(scanned)}.`, { where: result, fix: `Scan this one: \`jlam release scan ${shortId(release.id)} --json\`.` });
    await keep({ format: 1, kind: "scan", release: release.id, findings: findings.length, outcome: findings.length === 0 ? "passed" : "failed", at: new Date().toISOString(), report }, key);
  });
}

const count = z.int().nonnegative();
const testResult = z.object({ total: z.object({ passed: count, failed: count, skipped: count }) });
const scanResult = z.object({ release: releaseIdSchema, findings: z.array(z.unknown()) });

function readResult<T>(path: string, schema: z.ZodType<T>, from: string): T {
  try {
    return schema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    throw new PersonError("The result can't be read.", { where: path, why: error instanceof z.ZodError ? z.prettifyError(error) : String(error), fix: `Write it with \`${from} > FILE\`.`, cause: error });
  }
}

async function keep(evidence: Evidence, key: string | undefined): Promise<void> {
  const signature = await sign(evidenceFile(evidence), await signingKey(repositoryRoot, key), namespaces.evidence);
  await keepEvidence(await openRepository(repositoryRoot), evidence, signature);
  print(`${evidence.kind}: ${evidence.outcome}`);
}

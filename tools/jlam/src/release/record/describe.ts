/** Releases as people look at them. */
import { servingRelease } from "../gates/gather.ts";
import { keptJournal } from "../journal/kept.ts";
import { allEvidence, promotedTo } from "./archive.ts";
import type { Evidence } from "./evidence.ts";
import { shortId, type Release } from "./release.ts";
import { namesBelow, type Snapshot } from "./repository.ts";

export interface ReleaseRow {
  readonly id: string;
  readonly revision: string;
  readonly committedAt: string;
  /** Outcome of the newest test run of its revision, as the evidence says; empty: none is known. */
  readonly tests: string;
  /** Environments in which it serves. */
  readonly serves: readonly string[];
  /** Environments to which it was promoted last. */
  readonly promoted: readonly string[];
}

/** One row for each release. */
export async function releaseRows(from: Snapshot, releases: readonly Release[]): Promise<readonly ReleaseRow[]> {
  const [evidence, serving, promotions] = await Promise.all([evidenceOf(from), servingByEnvironment(from), promotedByEnvironment(from)]);
  return releases.map(({ id, revision, committedAt }) => ({
    id,
    revision,
    committedAt,
    tests: evidence.findLast((found) => found.kind === "tests" && found.revision === revision)?.outcome ?? "",
    serves: serving.flatMap(([environment, release]) => (release === id ? [environment] : [])),
    promoted: promotions.flatMap(([environment, release]) => (release === id ? [environment] : [])),
  }));
}

/** A release in lines, with its evidence and where it serves. */
export async function describeRelease(from: Snapshot, release: Release): Promise<{ readonly lines: readonly string[]; readonly evidence: readonly Evidence[]; readonly serves: readonly string[] }> {
  const about = (await evidenceOf(from)).filter((found) => (found.kind === "tests" ? found.revision === release.revision : found.release === release.id));
  const serves = (await servingByEnvironment(from)).flatMap(([environment, id]) => (id === release.id ? [environment] : []));
  const lines = [
    `Release ${release.id}`,
    `Revision ${release.revision}, committed ${release.committedAt}`,
    `Serves in ${serves.length === 0 ? "no environment" : serves.join(", ")}`,
    "",
    "Environments",
    ...Object.entries(release.environments).map(([name, { configuration, services, smoke }]) => `  ${name}: ${Object.keys(services).length} services, ${smoke.length} smoke checks, configuration ${configuration}`),
    "",
    "Images",
    ...Object.entries(release.images).map(([reference, digest]) => `  ${reference}@${digest}`),
    "",
    "Schemas",
    ...Object.entries(release.schemas).map(([application, { database, steps }]) => `  ${application}: ${database} up to step ${steps.at(-1)?.number ?? 0}${steps.some(({ phase }) => phase === "contract") ? `; contract steps ${steps.filter(({ phase }) => phase === "contract").map(({ number }) => number).join(", ")}` : ""}`),
    "",
    "Evidence",
    ...(about.length === 0 ? ["  none yet"] : about.map((found) => `  ${evidenceInWords(found)}`)),
  ];
  return { lines, evidence: about, serves };
}

function evidenceInWords(evidence: Evidence): string {
  switch (evidence.kind) {
    case "tests":
      return `${evidence.at} tests ${evidence.outcome}: ${evidence.passed} passed, ${evidence.failed} failed, ${evidence.skipped} skipped`;
    case "scan":
      return `${evidence.at} scan ${evidence.outcome}: ${evidence.findings} findings`;
    case "smoke":
      return `${evidence.at} smoke in ${evidence.environment} ${evidence.outcome}${evidence.failures.length === 0 ? "" : `: ${evidence.failures.join("; ")}`}`;
  }
}

const evidenceOf = async (from: Snapshot): Promise<readonly Evidence[]> => (await allEvidence(from)).map(({ evidence }) => evidence).toSorted((a, b) => (a.at < b.at ? -1 : 1));

async function promotedByEnvironment(from: Snapshot): Promise<readonly (readonly [environment: string, release: string | undefined])[]> {
  const names = (await namesBelow(from, "promotions")).map((file) => file.replace(/\.json$/, ""));
  return await Promise.all(names.map(async (name) => [name, (await promotedTo(from, name))?.id] as const));
}

async function servingByEnvironment(from: Snapshot): Promise<readonly (readonly [environment: string, release: string | undefined])[]> {
  const names = await namesBelow(from, "journals");
  return await Promise.all(names.map(async (name) => [name, servingRelease((await keptJournal(from, name)).entries)] as const));
}

/** How a release is named in a sentence. */
export const releaseInWords = ({ id, revision }: Release): string => `${shortId(id)} (revision ${revision.slice(0, 12)})`;

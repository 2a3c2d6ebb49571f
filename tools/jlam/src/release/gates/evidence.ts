/** Whether what was found out about a release lets it pass: tests and scans, by signed evidence. */
import type { Evidence } from "../record/evidence.ts";
import { shortId, type Release } from "../record/release.ts";
import type { Signature } from "../record/signature.ts";
import type { Refusal } from "./refusal.ts";

/** Evidence whose signature was checked against who may vouch. */
export interface CheckedEvidence {
  readonly evidence: Evidence;
  readonly signature: Signature;
}

/** Only what somebody vouched for who may. */
export const trusted = (found: readonly CheckedEvidence[]): readonly Evidence[] => found.filter(({ signature }) => signature.kind === "valid").map(({ evidence }) => evidence);

/** Refuses unless the newest trusted test run of exactly this revision passed. */
export function testsGate({ revision }: Pick<Release, "revision">, found: readonly CheckedEvidence[]): readonly Refusal[] {
  const commit = revision.slice(0, 12);
  const run = newest(trusted(found).filter((evidence) => evidence.kind === "tests" && evidence.revision === revision));
  if (run?.kind === "tests") {
    if (run.outcome === "passed" && run.failed === 0 && run.passed > 0) return [];
    return [refusal("tests-failed", `the tests of revision ${commit} failed on ${run.at}: ${run.failed} failed, ${run.passed} passed`, "Mend what failed and build a release of the revision that passes.")];
  }
  const unsigned = found.some(({ evidence }) => evidence.kind === "tests" && evidence.revision === revision);
  return unsigned
    ? [refusal("tests-unsigned", `evidence says that the tests of revision ${commit} ran, but nobody who may vouch for it signed it`, "Let CI run them and sign: `./jlam test` and `jlam release evidence tests`; allowed_signers says who may.")]
    : [refusal("tests-missing", `nothing says that the tests of revision ${commit} passed; those of another revision don't count`, "Run the tests of this very revision in CI and keep the result: `jlam release evidence tests`.")];
}

/** Refuses where the newest trusted scan of this release failed. Without a scan it has nothing to say. */
export function scanGate({ id }: Pick<Release, "id">, found: readonly CheckedEvidence[]): readonly Refusal[] {
  const scan = newest(trusted(found).filter((evidence) => evidence.kind === "scan" && evidence.release === id));
  if (scan?.kind !== "scan" || scan.outcome === "passed") return [];
  return [{ gate: "scan", code: "scan-failed", message: `the scan of release ${shortId(id)} on ${scan.at} found ${scan.findings} vulnerabilities that must not go live`, fix: `Update what it names, build a new release and scan that one. ${scan.report}`.trim() }];
}

const refusal = (code: string, message: string, fix: string): Refusal => ({ gate: "tests", code, message, fix });

const newest = (found: readonly Evidence[]): Evidence | undefined => found.toSorted((a, b) => (a.at < b.at ? -1 : 1)).at(-1);

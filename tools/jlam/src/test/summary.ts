/** The end of `jlam test` in words: phases, waivers, skips with reasons, failures, and the closing line. Pure. */
import { formatDuration } from "../runtime/format.ts";
import type { PhaseResult } from "./phase.ts";

export interface Total {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** With JLAM_REQUIRE_ALL=1 a skip is a failure, and counts as one. */
export function totalOf(results: readonly PhaseResult[], requireAll: boolean): Total {
  const sum = (count: (result: PhaseResult) => number): number => results.reduce((total, result) => total + count(result), 0);
  const skipped = sum((result) => result.skipped);
  const failed = sum((result) => result.failed);
  return { passed: sum((result) => result.passed), failed: requireAll ? failed + skipped : failed, skipped: requireAll ? 0 : skipped };
}

/** The last line that `jlam test` prints. */
export const closingLine = ({ passed, failed, skipped }: Total): string => `${passed} passed, ${failed} failed, ${skipped} skipped`;

/** Header and rows of the table of phases. */
export function phaseTable(results: readonly PhaseResult[]): { readonly header: readonly string[]; readonly rows: readonly (readonly string[])[] } {
  return {
    header: ["PHASE", "PASSED", "FAILED", "SKIPPED", "TOOK"],
    rows: results.map(({ phase, passed, failed, skipped, milliseconds }) => [phase, String(passed), String(failed), String(skipped), formatDuration(milliseconds)]),
  };
}

/** What comes between the table and the closing line. */
export function summaryLines(results: readonly PhaseResult[], requireAll: boolean): readonly string[] {
  const waivers = results.flatMap((result) => result.waivers.map(({ subject, reason }) => `${subject}: ${reason}`));
  const notes = results.flatMap((result) => result.notes.map((note) => `${result.phase}: ${note}`));
  const failures = results.flatMap((result) => result.failures);
  return [
    ...section("Waivers", [...new Set(waivers)]),
    ...section("Notes", notes),
    ...section(requireAll ? "Skipped, which JLAM_REQUIRE_ALL=1 forbids" : "Skipped", skipLines(results)),
    ...section("Failed", failures),
  ];
}

/** One line per file and reason, with how many tests it is about. */
function skipLines(results: readonly PhaseResult[]): readonly string[] {
  const skips = results.flatMap((result) => result.skips);
  const grouped = Map.groupBy(skips, ({ test, reason }) => `${test.split(": ")[0] ?? test}: ${reason}`);
  return [...grouped].map(([line, group]) => (group.length === 1 ? line : `${line} (${group.length} tests)`));
}

const section = (title: string, lines: readonly string[]): readonly string[] => (lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`), ""]);

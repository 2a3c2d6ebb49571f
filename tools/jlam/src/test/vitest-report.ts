/** The file in which Vitest's reporter hands over what the tests came to, and what `jlam test` makes of it. */
import { z } from "zod";
import type { PhaseResult, Skip, Waiver } from "./phase.ts";

/** Environment variable that names the file. */
export const reportVariable = "JLAM_TEST_REPORT";

/** Tests tell of a waived rule by `annotate("service: rule: reason", waiverAnnotation)`. */
export const waiverAnnotation = "waiver";

const test = z.strictObject({
  file: z.string(),
  name: z.string(),
  state: z.enum(["passed", "failed", "skipped"]),
  note: z.string().optional(),
  errors: z.array(z.string()).readonly(),
  annotations: z.array(z.strictObject({ type: z.string(), message: z.string() })).readonly(),
});

export const vitestReport = z.strictObject({
  tests: z.array(test).readonly(),
  /** Files that could not be loaded, hooks that failed, errors that no test caught. */
  broken: z.array(z.string()).readonly(),
});

export type ReportedTest = Readonly<z.infer<typeof test>>;
export type VitestReport = Readonly<z.infer<typeof vitestReport>>;

/** The result of a phase from Vitest's report. What broke outside of a test counts as a failure, each once. */
export function resultOfReport(phase: string, milliseconds: number, { tests, broken }: VitestReport): PhaseResult {
  const inState = (state: ReportedTest["state"]): readonly ReportedTest[] => tests.filter((reported) => reported.state === state);
  const failed = inState("failed");
  const annotated = (wanted: (type: string) => boolean): readonly string[] =>
    tests.flatMap(({ annotations }) => annotations.filter(({ type }) => wanted(type)).map(({ message }) => message));
  return {
    phase,
    milliseconds,
    passed: inState("passed").length,
    failed: failed.length + broken.length,
    skipped: inState("skipped").length,
    failures: [...failed.map(({ file, name, errors }) => `${file}: ${name}: ${firstLine(errors[0] ?? "failed")}`), ...broken.map(firstLine)],
    skips: inState("skipped").map(skipOf),
    waivers: annotated((type) => type === waiverAnnotation).map(waiverOf),
    notes: annotated((type) => type !== waiverAnnotation),
  };
}

/** Where the test itself gives no reason, the title of its group does: it says what is missing. */
const skipOf = ({ file, name, note }: ReportedTest): Skip => ({ test: `${file}: ${name}`, reason: note ?? name.split(" > ")[0] ?? name });

function waiverOf(message: string): Waiver {
  const [service = "", rule = "", ...reason] = message.split(": ");
  return { subject: `${service}: ${rule}`, reason: reason.join(": ") };
}

const firstLine = (text: string): string => text.split("\n")[0] ?? "";

/** What `jlam check` says. */
import { formatDiagnostic, placeOf, type Diagnostic } from "@jlam/compose-dsl";
import { typesRule } from "./types.ts";

export interface CheckReport {
  /** Environments that were checked. */
  readonly environments: readonly string[];
  readonly types: boolean;
  readonly findings: readonly Diagnostic[];
  readonly errors: number;
  readonly warnings: number;
}

export const counted = (findings: readonly Diagnostic[]): Pick<CheckReport, "errors" | "warnings"> => ({
  errors: findings.filter(({ severity }) => severity === "error").length,
  warnings: findings.filter(({ severity }) => severity === "warning").length,
});

/** Every finding, and the count of them; one line where there is none. */
export function reportLines({ environments, types, findings, errors, warnings }: CheckReport, format: { readonly colour: boolean; readonly root: string }): readonly string[] {
  const where = environments.join(", ");
  if (findings.length === 0) return [`✔ ${types ? "types and rules hold" : "rules hold (types were not checked)"} in ${where}`];
  return [
    ...findings.flatMap((finding) => [finding.rule === typesRule ? typeError(finding, format.root) : formatDiagnostic(finding, format), ""]),
    `${count(errors, "error")}, ${count(warnings, "warning")} in ${where}`,
  ];
}

/** The compiler's own sentence says why and what to mend. */
const typeError = ({ subject, message, at }: Diagnostic, root: string): string => [`✖ ${message} (${subject})`, ...(at ? [`  → at ${placeOf(at, root)}`] : [])].join("\n");

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;

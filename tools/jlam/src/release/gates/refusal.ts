/** What a gate says when it stays closed. */

/** Names of the gates, in the order in which they are told. */
export const gates = ["journal", "clock", "soak", "tests", "scan", "migrations", "approval", "freeze"] as const;
export type GateName = (typeof gates)[number];

/** Why a release may not pass. Data: `refusalInWords` prints it, `--json` has it as it is. */
export interface Refusal {
  readonly gate: GateName;
  /** Stable name of the reason, such as `soak-too-short`. */
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

/** Two lines for people. */
export const refusalInWords = ({ gate, message, fix }: Refusal): string => `${gate}: ${message}\n  ${fix}`;

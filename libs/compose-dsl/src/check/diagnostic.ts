import type { Origin } from "../model/origin.ts";

/** Something wrong, or likely wrong, in the model: plain data, printed by `jlam check`. */
export interface Diagnostic {
  /** Stable name of the rule, such as `port-clash`. */
  readonly rule: string;
  readonly severity: "error" | "warning";
  /** What it is about: `production web`, `local network web--redis-sessions`. */
  readonly subject: string;
  /** What is wrong, in one sentence. */
  readonly message: string;
  /** Why it matters. */
  readonly why: string;
  /** How to mend it. */
  readonly fix: string;
  /** Where the value was declared. */
  readonly at: Origin | undefined;
}

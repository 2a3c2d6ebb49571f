import type { Origin } from "../model/origin.ts";

/** What put an emitted value there. */
export interface Why {
  readonly kind: "declared" | "override" | "default" | "derived";
  /** One sentence for people. */
  readonly text: string;
  readonly at: Origin | undefined;
  /** Key of the declaration at `at`, such as `resources` or `settings.LOG_LEVEL`. */
  readonly field: string | undefined;
}

export const declared = (at: Origin, field: string, text = "declared"): Why => ({ kind: "declared", text, at, field });
export const overridden = (at: Origin, field: string): Why => ({ kind: "override", text: "overridden by the environment", at, field });
export const byDefault = (text: string): Why => ({ kind: "default", text, at: undefined, field: undefined });
export const derivedFrom = (at: Origin | undefined, text: string, field?: string): Why => ({ kind: "derived", text, at, field });

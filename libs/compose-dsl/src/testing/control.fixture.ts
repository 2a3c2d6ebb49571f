import type { Rule } from "../check/rule.ts";
import type { EnvironmentNode } from "../index.ts";

/** Proof that a rule can fire, or that it can hold its peace. */
export interface Control {
  readonly rule: Rule;
  /** Ends the sentence "fires when …" or "stays silent when …". */
  readonly when: string;
  readonly environment: () => EnvironmentNode;
  /** The message; undefined: the rule is silent. */
  readonly finds: RegExp | undefined;
}

/** Controls of one rule: `[when, environment, message]` for each that fires, `[when, environment]` for each that doesn't. */
export const controls = (rule: Rule, ...cases: readonly (readonly [when: string, environment: () => EnvironmentNode, finds?: RegExp])[]): readonly Control[] =>
  cases.map(([when, environment, finds]) => ({ rule, when, environment, finds }));

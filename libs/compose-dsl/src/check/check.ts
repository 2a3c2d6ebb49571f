import type { ResolvedEnvironment } from "../resolve/resolved.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { addressTaken, environmentNames, rangesOverlap } from "./platform.ts";
import { diagnose } from "./rule.ts";
import { rules } from "./rules/index.ts";

/**
 * Everything that is wrong, or likely wrong, with one environment: what could not be resolved, then what the rules
 * found, in the order of rules/index.ts. Pure, and linear in the number of services. Never throws.
 */
export function checkEnvironment(environment: ResolvedEnvironment): readonly Diagnostic[] {
  return [...environment.problems, ...rules.flatMap((rule) => diagnose(rule, environment))];
}

/** What is wrong between environments. It doesn't repeat what is wrong within one. */
export function checkPlatform(environments: readonly ResolvedEnvironment[]): readonly Diagnostic[] {
  return [environmentNames, rangesOverlap, addressTaken].flatMap((rule) => rule(environments));
}

import type { Origin } from "../model/origin.ts";
import type { ResolvedEnvironment } from "../resolve/resolved.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { nearest } from "./nearest.ts";

/** One thing that a rule found. */
export interface Finding {
  /** What it is about, without the environment: `web`, `web DATABASE_HOST`. */
  readonly subject: string;
  /** What is wrong, in one sentence. */
  readonly message: string;
  /** How to mend it. */
  readonly fix: string;
  /** Where the value was declared. */
  readonly at: Origin | undefined;
}

/** Something that the compiler can't see. To add one, write it in rules/ and name it in rules/index.ts. */
export interface Rule {
  /** Stable name, printed with every finding. */
  readonly name: string;
  readonly severity: Diagnostic["severity"];
  /** Why it matters: the same for every finding. */
  readonly why: string;
  /** Looks once at everything; must not throw, and must stay linear in the number of services. */
  readonly check: (environment: ResolvedEnvironment) => Iterable<Finding>;
}

/** Everything that `rule` finds in an environment, as data to print. */
export function diagnose({ name, severity, why, check }: Rule, environment: ResolvedEnvironment): readonly Diagnostic[] {
  return Array.from(check(environment), ({ subject, message, fix, at }) => ({
    rule: name,
    severity,
    subject: `${environment.name} ${subject}`,
    message,
    why,
    fix,
    at,
  }));
}

/** A question with the nearest known name, to end a message; empty where nothing is near. */
export function suggestion(written: string, known: Iterable<string>): string {
  const near = nearest(written, [...known]);
  return near === undefined ? "" : `. Did you mean "${near}"?`;
}

/** Where a value of a service was declared: at the override of `field`, or at the service. */
export const declaredAt = (
  { node, overridden }: { readonly node: { readonly at: Origin }; readonly overridden: ReadonlyMap<string, Origin> },
  field: string,
): Origin => overridden.get(field) ?? node.at;

/** A place in the sources, to be named inside a message. */
export const place = ({ file, line }: Origin): string => `${file.slice(file.lastIndexOf("/") + 1)}:${line}`;

/** What goes wrong, told to a person: `✖ what`, `→ where`, why, and the fix; a stack only for what nobody foresaw. */
import { nearest } from "@jlam/compose-dsl/nearest";
import { colour } from "./output.ts";

export interface FailureDetails {
  /** Where it was declared or found: `file:line`, or a place such as a URL. */
  readonly where?: string | undefined;
  readonly why?: string | undefined;
  /** What to do about it, as a sentence or a command line. */
  readonly fix?: string | undefined;
  /** 1 (the default) for a mistake or a failure outside, 2 for a command line that can't be understood; a command's help tells others. */
  readonly exitCode?: number;
  readonly cause?: unknown;
}

/** A failure that its reader can do something about. Throw it from anywhere; it is printed without a stack. */
export class PersonError extends Error {
  readonly where: string | undefined;
  readonly why: string | undefined;
  readonly fix: string | undefined;
  readonly exitCode: number;

  constructor(what: string, details: FailureDetails = {}) {
    super(what, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "PersonError";
    this.where = details.where;
    this.why = details.why;
    this.fix = details.fix;
    this.exitCode = details.exitCode ?? 1;
  }
}

/** What was thrown, in its own words. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Turns commander's message for a wrong option or argument into a PersonError with exit code 2. */
export function usageError(message: string): PersonError {
  const [what = message, suggestion] = message.replace(/^error: /, "").split("\n");
  return new PersonError(what.charAt(0).toUpperCase() + what.slice(1), {
    fix: suggestion?.replace(/^\((.*)\)$/, "$1") ?? "Add --help to see what can be said here.",
    exitCode: 2,
  });
}

/** The text of a PersonError as the terminal shows it, without a final newline. */
export function describeFailure(error: PersonError): string {
  return [
    `${colour("red", "✖")} ${error.message}`,
    ...(error.where === undefined ? [] : [`  ${colour("dim", "→")} ${error.where}`]),
    ...(error.why === undefined ? [] : [indent(error.why)]),
    ...(error.fix === undefined ? [] : [indent(error.fix)]),
  ].join("\n");
}

/** Prints any thrown value to stderr and returns the exit code. Stacks only with JLAM_DEBUG=1. */
export function reportFailure(error: unknown): number {
  const debug = process.env["JLAM_DEBUG"] === "1";
  if (error instanceof PersonError) {
    process.stderr.write(`${describeFailure(error)}\n`);
    if (debug) process.stderr.write(`${error.stack ?? ""}\n`);
    return error.exitCode;
  }
  const message = messageOf(error);
  process.stderr.write(`${colour("red", "✖")} ${message}\n`);
  process.stderr.write(
    debug && error instanceof Error
      ? `${error.stack ?? ""}\n`
      : "  Nobody foresaw this. Run it again with JLAM_DEBUG=1 to see where it comes from.\n",
  );
  return 1;
}

/** The fix for a name that nobody has: the nearest one if it may have been meant, else all that there are. */
export function fixOfName(typed: string, names: readonly string[]): string {
  const near = nearest(typed, names);
  return near === undefined ? `There are: ${names.join(", ")}.` : `Did you mean "${near}"?`;
}

function indent(text: string): string {
  return text.replace(/^/gm, "  ");
}

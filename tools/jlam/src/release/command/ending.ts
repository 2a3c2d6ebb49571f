/** How commands that release end: exit codes, and failures in words for people. */
import { exitCodesHelp, refusedCode, tamperedCode } from "../exit-codes.ts";
import { HostFailure, LockTaken } from "../host/host.ts";
import type { Outcome } from "../machine/carry-out.ts";
import { NothingToReturnTo, NothingWaits } from "../machine/deploy.ts";
import { BrokenJournal } from "../machine/host-journal.ts";
import { PersonError } from "../../terminal/failure.ts";

/** The release was taken back by itself: what served before serves. */
const revertedCode = 5;
/** It waits for a person, or for the same command. */
const heldCode = 6;
/** Somebody else holds the lock; nothing was done. */
const lockedCode = 7;

export const endingCodesHelp = exitCodesHelp({
  0: "it serves",
  1: "it could not be carried out; run it again and it goes on",
  2: "the command line isn't understood",
  [refusedCode]: "a gate stayed closed, or the plan is blocked; nothing was done",
  [tamperedCode]: "the host's journal was changed; nothing was done",
  [revertedCode]: "it was taken back: what served before serves",
  [heldCode]: "it waits for a person: both versions run",
  [lockedCode]: "somebody else is at it; nothing was done",
});

const codes: Readonly<Record<Outcome["end"], number>> = { finished: 0, reverted: revertedCode, held: heldCode };

export const exitCodeOf = ({ end }: Outcome): number => codes[end];

/** Turns what a release throws into words, with its exit code. */
export function asPersonError(error: unknown, environment: string): unknown {
  if (error instanceof Error && error.name === "AbortError" && error.cause instanceof LockTaken) return asPersonError(error.cause, environment);
  if (error instanceof LockTaken) {
    return new PersonError(`Somebody else is releasing to ${environment}: ${error.message}.`, {
      ...(error.until && { why: `If nothing is heard of them, the lock ends at ${error.until.toISOString()}.` }),
      fix: "Wait until they are done, and run it again.",
      exitCode: lockedCode,
      cause: error,
    });
  }
  if (error instanceof BrokenJournal) {
    return new PersonError(`The journal on ${environment}'s host is broken at entry ${error.broken.entry}: ${error.broken.why}.`, { why: "Nothing was done: what serves can't be known from it.", fix: `Find out who changed it: \`jlam history verify ${environment}\`.`, exitCode: tamperedCode, cause: error });
  }
  if (error instanceof NothingToReturnTo) return new PersonError(`${environment} has nothing to go back to.`, { why: error.message, fix: `Go forward: \`jlam deploy ${environment}\`.`, cause: error });
  if (error instanceof NothingWaits) return new PersonError(`Nothing in ${environment} waits to be accepted.`, { why: `${error.message}.`, fix: `\`jlam history ${environment}\` shows what is there.`, exitCode: refusedCode, cause: error });
  if (error instanceof HostFailure) {
    return new PersonError(error.message, {
      why: error.cause_ === "unreachable" ? "What serves goes on serving; how far this came is in the host's journal." : undefined,
      fix: error.cause_ === "disk-full" ? "Make room on the host, and run it again: it goes on where it was." : "Run it again: it goes on where it was.",
      cause: error,
    });
  }
  return error;
}

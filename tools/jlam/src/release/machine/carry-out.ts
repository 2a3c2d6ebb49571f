/** Carries out an undertaking step by step: each is written down before it changes anything, and again with how it ended. */
import type { EntryFacts, JournalEntry, Step } from "../journal/entry.ts";
import type { HostJournal } from "./host-journal.ts";
import { after, situationOf, type Run, type Situation } from "./situation.ts";
import { doStep, type StepResult, type Work } from "./steps.ts";
import { next, resumed, type End } from "./transition.ts";

/** Told of every step, for whoever watches. */
export interface Witness {
  readonly began: (step: Step) => void;
  readonly at: (step: Step, line: string) => void;
  readonly ended: (step: Step, result: StepResult, milliseconds: number) => void;
}

/** What an undertaking came to. */
export interface Outcome {
  readonly end: End;
  readonly run: Run;
  readonly situation: Situation;
  /** Why it did not simply finish: the words of every step that failed or is held, in order. */
  readonly reasons: readonly { readonly step: Step; readonly why: string }[];
}

/** What stays the same in all entries of one undertaking. */
export type Undertaking = Omit<EntryFacts, "at" | "step" | "outcome" | "evidence">;

/** What an entry says of the undertaking that it belongs to, as somebody else goes on with it. */
export const undertakingOf = ({ environment, run, action, approvers, release, previousRelease, revision, committedAt, images, plan, brokenGlass }: JournalEntry, who: string, fencing: number): Undertaking =>
  ({ environment, run, action, approvers, release, previousRelease, revision, committedAt, images, plan, brokenGlass, who, fencing });

/** Everything but what the journal says. */
export type Means = Omit<Work, "situation" | "run" | "report">;

/**
 * Carries on with the undertaking that the journal has under way until it ends, or waits for a person.
 * @throws LockTaken, HostFailure where the host is out of reach or its disk too full for the journal: run it again, and
 *   it goes on where it was
 */
export async function carryOut(journal: HostJournal, undertaking: Undertaking, means: Means, witness: Witness, { first = [], began = asResumed }: Beginning = {}): Promise<Outcome> {
  // An end of a step is written together with the beginning of the next: one write less, and nothing happens in between.
  let pending: readonly EntryFacts[] = first.map((noted) => factsOf(undertaking, noted));
  let situation = began(pending.reduce<Situation>(after, situationOf(journal.entries())));
  const reasons: { step: Step; why: string }[] = [];
  for (;;) {
    const { run } = situation;
    if (run === undefined) throw new RangeError("nothing is under way");
    const decision = next(run);
    if ("end" in decision) {
      if (pending.length > 0) await journal.write(pending);
      return { end: decision.end, run, situation, reasons };
    }
    const step = decision.do;
    const beginning = factsOf(undertaking, { step, outcome: "began", evidence: {} });
    const beforeStep = after(situation, beginning);
    const start = performance.now();
    const written = journal.write([...pending, beginning]).then(() => witness.began(step));
    if (!onlyLooks.has(step)) await written;
    const report = (line: string): void => void written.then(() => witness.at(step, line), () => undefined);
    const working = doStep(step, { ...means, situation: beforeStep, run: beforeStep.run ?? run, report });
    // Whoever tries again after a failure reads the journal: nothing may still be on its way into it.
    await Promise.allSettled([written, working]);
    await written;
    const result = await working;
    witness.ended(step, result, performance.now() - start);
    if (result.outcome !== "done") reasons.push({ step, why: result.why });
    const ending = factsOf(undertaking, { step, outcome: result.outcome, evidence: { ...result.evidence, ...(result.outcome === "done" ? {} : { why: result.why.slice(0, longestReason) }) } });
    situation = after(beforeStep, ending);
    pending = [ending];
    if (situation.run === undefined) {
      await journal.write(pending);
      return { end: step === "revert" ? "reverted" : "finished", run, situation, reasons };
    }
  }
}

/** Steps that change nothing look while their beginning is being written: visitors may be waiting for a way back. */
const onlyLooks: ReadonlySet<Step> = new Set(["preflight", "healthy"]);

type Noted = Pick<EntryFacts, "step" | "outcome" | "evidence">;

/** How an undertaking begins: with entries to write first, and with another view of where it stands. */
export interface Beginning {
  readonly first?: readonly Noted[];
  readonly began?: (situation: Situation) => Situation;
}

const factsOf = (undertaking: Undertaking, noted: Noted): EntryFacts => ({ ...undertaking, ...noted, at: new Date().toISOString() });

/** Characters of a failure's words that the journal keeps. */
const longestReason = 2000;

const asResumed = (situation: Situation): Situation => ({ ...situation, run: situation.run && resumed(situation.run) });

/** What each step of an undertaking does on the host. Each may be done twice: whoever comes after a crash begins it anew. */
import type { EntryFacts, Step } from "../journal/entry.ts";
import { HostFailure, LockTaken, type Host, type Luggage } from "../host/host.ts";
import type { WatchOptions } from "../watch/window.ts";
import type { Itinerary } from "./itinerary.ts";
import type { Run, Situation } from "./situation.ts";
import { finish, revert } from "./step-endings.ts";
import { set } from "./step-set.ts";
import { healthy, preflight, services, migrate, smoke, start, upload, pull } from "./step-preparations.ts";
import { confirm, drain, switchBack, switchOver, watch } from "./step-switch.ts";

export type Evidence = EntryFacts["evidence"];

/** How a step ended, with what it rests on. `why` is for people, and goes into the journal. */
export type StepResult = { readonly outcome: "done"; readonly evidence?: Evidence } | { readonly outcome: "failed" | "held"; readonly why: string; readonly evidence?: Evidence };

/** Asks the colour that doesn't serve what its release promises; returns what fails. `door` answers for every address of the release. */
export type Preview = (door: { readonly host: string; readonly port: number }, itinerary: Itinerary) => Promise<readonly string[]>;

/** Everything that steps need. */
export interface Work {
  readonly host: Host;
  readonly token: number;
  readonly situation: Situation;
  readonly run: Run;
  /** What is brought; undefined where everything must be on the host already: after a crash, and for a rollback. */
  readonly luggage: Luggage | undefined;
  /** Services that may be started or made anew, as the plan said; undefined: no plan was shown. */
  readonly planned: ReadonlySet<string> | undefined;
  readonly preview: Preview;
  /** Asked right before the switch: why it may not be, such as an approval that was taken back. */
  readonly objections: () => Promise<readonly string[]>;
  readonly watch: WatchOptions;
  /** Why a person takes the new version for good although too little of it was seen; undefined: nobody does. */
  readonly accepted: string | undefined;
  /** How long the proxy may take to confirm that it leads where it was told to, in milliseconds. */
  readonly confirmWithin: number;
  /** One line of what is going on. */
  readonly report: (line: string) => void;
  /** Aborted when the lock is lost. */
  readonly signal: AbortSignal;
}

const steps: Readonly<Record<Step, (work: Work) => Promise<StepResult>>> = {
  begin: async () => ({ outcome: "done" }),
  lock: async () => ({ outcome: "done" }),
  preflight,
  upload,
  pull,
  set,
  services,
  migrate,
  start,
  healthy,
  smoke,
  switch: switchOver,
  confirm,
  drain,
  watch,
  finish,
  "switch-back": switchBack,
  revert,
};

/**
 * Does a step. What the host can't or won't do is a failed step, not an error.
 * @throws LockTaken, and HostFailure where the host is out of reach, since then nothing can be written down either
 */
export async function doStep(step: Step, work: Work): Promise<StepResult> {
  try {
    return await steps[step](work);
  } catch (error) {
    if (error instanceof LockTaken || !(error instanceof HostFailure) || error.cause_ === "unreachable") throw error;
    return { outcome: "failed", why: error.message };
  }
}

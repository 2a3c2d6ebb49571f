/** The steps of a recovery, each told while it goes on and noted with its time. */
import type { Reporter } from "../runtime/reporter.ts";

export interface DoneStep {
  readonly step: string;
  readonly seconds: number;
  /** What came of it, as a few words. */
  readonly found: string;
}

export interface Steps {
  /** Runs a step under its name; `work` gives its result and, in words, what came of it. */
  run<T>(step: string, work: () => Promise<{ readonly value: T; readonly found: string }>): Promise<T>;
  readonly done: readonly DoneStep[];
}

export function timedSteps(reporter: Reporter): Steps {
  const done: DoneStep[] = [];
  return {
    done,
    run: (step, work) =>
      reporter.phase(step, async () => {
        const began = performance.now();
        const { value, found } = await work();
        const seconds = Math.round((performance.now() - began) / 100) / 10;
        done.push({ step, seconds, found });
        return { value, said: `${step}: ${found} (${seconds} s)` };
      }),
  };
}

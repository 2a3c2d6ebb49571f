/** How the commands that take time tell what they are at: live on a terminal, plain lines elsewhere, or not at all. */
import { PersonError } from "../terminal/failure.ts";
import { say } from "../terminal/output.ts";
import { runSteps } from "../terminal/progress.ts";
import { formatDuration } from "./format.ts";
import type { Progress } from "./judge.ts";

/** What a phase gives back: its value, and optionally the sentence that stands there once it is done. */
export interface PhaseResult<T> {
  readonly value: T;
  readonly said?: string | undefined;
}

export interface Reporter {
  /** Runs one phase under a title. */
  phase<T>(title: string, work: (report: (line: string) => void) => Promise<PhaseResult<T>>): Promise<T>;
  /** Runs a boot, showing each of the services until it is ready or failed. */
  services<T>(names: readonly string[], work: (onProgress: (service: string, progress: Progress) => void) => Promise<T>): Promise<T>;
  /** One line beside the progress. */
  say(line: string): void;
}

/** Nobody is told anything; for callers that read the result. */
export const silent: Reporter = {
  phase: async (_, work) => (await work(() => undefined)).value,
  services: async (_, work) => await work(() => undefined),
  say: () => undefined,
};

/** On stderr, through terminal/progress.ts. */
export const onTerminal: Reporter = { phase: phaseOnTerminal, services: servicesOnTerminal, say };

async function phaseOnTerminal<T>(title: string, work: (report: (line: string) => void) => Promise<PhaseResult<T>>): Promise<T> {
  const done: PhaseResult<T>[] = [];
  await runSteps([
    {
      title,
      run: async (report) => {
        const result = await work(report);
        done.push(result);
        return result.said;
      },
    },
  ]);
  const [result] = done;
  if (result === undefined) throw new RangeError(`The phase "${title}" ended without a result.`);
  return result.value;
}

/** Whether what a service is at stands below its name; in plain lines it has to be named. */
const live = (): boolean => process.stderr.isTTY;
const lineOf = (subject: string, text: string): string => (live() ? text : `${subject}: ${text}`);

/** Tells of many lines only the last on a terminal; elsewhere one per subject, so that a build doesn't fill a log. */
export function briefly(report: (line: string) => void): (subject: string, line: string) => void {
  const told = new Set<string>();
  return (subject, line) => {
    if (line.trim() === "" || (!live() && told.has(subject))) return;
    told.add(subject);
    report(`${subject}: ${line}`);
  };
}

const nothing: (line: string) => void = () => {};

async function servicesOnTerminal<T>(
  names: readonly string[],
  work: (onProgress: (service: string, progress: Progress) => void) => Promise<T>,
): Promise<T> {
  const began = Date.now();
  const watched = new Map(names.map((name) => [name, { ...Promise.withResolvers<string>(), report: nothing, text: "waits" }]));
  const outcome = work((service, progress) => {
    const shown = watched.get(service);
    if (shown === undefined) return;
    shown.text = progress.text;
    switch (progress.kind) {
      case "waiting":
        return shown.report(lineOf(service, progress.text));
      case "ready":
        return shown.resolve(`${service}: ${progress.text} after ${formatDuration(Date.now() - began)}`);
      case "failed":
        return shown.reject(new PersonError(`${service} ${progress.text}`));
    }
  });
  const steps = runSteps(
    [...watched].map(([name, shown]) => ({
      title: name,
      run: async (report) => {
        shown.report = report;
        if (live()) report(shown.text);
        return await shown.promise;
      },
    })),
    { concurrent: Math.max(1, names.length) },
  );
  try {
    return await outcome;
  } finally {
    for (const [name, shown] of watched) shown.reject(new PersonError(`${name}: ${shown.text}`));
    // What failed is in the outcome; the list on the terminal only shows it.
    await steps.catch(() => undefined);
  }
}

/** What one phase of `jlam test` found. Plain data; the summary and `--json` read nothing else. */

export interface Skip {
  readonly test: string;
  readonly reason: string;
}

export interface Waiver {
  /** Service and rule, such as `docker-socket-proxy: non-root`. */
  readonly subject: string;
  readonly reason: string;
}

export interface PhaseResult {
  readonly phase: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly milliseconds: number;
  /** One line for every failure. */
  readonly failures: readonly string[];
  readonly skips: readonly Skip[];
  /** Rules that a service may break, as tests met them. */
  readonly waivers: readonly Waiver[];
  /** What else the tests want a reader to know, such as how much was tried. */
  readonly notes: readonly string[];
}

const nothing = { passed: 0, failed: 0, skipped: 0, failures: [], skips: [], waivers: [], notes: [] } as const;

/** A phase that counts as one test, and passed. */
export const passedOnce = (phase: string, milliseconds: number): PhaseResult => ({ ...nothing, phase, milliseconds, passed: 1 });

/** A phase that counts as one test, and failed. */
export const failedOnce = (phase: string, milliseconds: number, failure: string): PhaseResult => ({
  ...nothing,
  phase,
  milliseconds,
  failed: 1,
  failures: [failure],
});

/** A phase that tests nothing itself, such as getting images. */
export const prepared = (phase: string, milliseconds: number, notes: readonly string[] = []): PhaseResult => ({ ...nothing, phase, milliseconds, notes });

/** A phase that was not reached. It counts as one failure: nobody knows what it would have found. */
export const notReached = (phase: string, because: string): PhaseResult => failedOnce(phase, 0, `${phase}: not run: ${because}`);

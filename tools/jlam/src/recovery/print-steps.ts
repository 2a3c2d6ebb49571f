/** What a recovery did, as a table: each step with the seconds that it took. */
import { printTable } from "../terminal/output.ts";
import type { DoneStep } from "./timed-steps.ts";

export const printSteps = (steps: readonly DoneStep[]): void =>
  printTable(["step", "seconds", "what came of it"], steps.map(({ step, seconds, found }) => [step, seconds.toFixed(1), found]));

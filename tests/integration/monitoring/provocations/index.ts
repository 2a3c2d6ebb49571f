/** Every fault that the tests make. Those of one sequence follow each other; the sequences run side by side. */
import type { Provocation } from "../ledger.ts";
import { data, databaseUnreachable } from "./data.ts";
import { after, stopped } from "./making.ts";
import { machine, monitoring } from "./operations.ts";
import { visitors, websiteDown } from "./visitors.ts";

/** The two that must page within 90 s, in every run. */
export const quick: readonly (readonly Provocation[])[] = [[websiteDown], [databaseUnreachable]];

/** All others, side by side. */
export const long: readonly (readonly Provocation[])[] = [...visitors, ...data, ...machine, ...monitoring];

/** Blinds the probes, so it comes when the others are through. */
export const last: Provocation = stopped("blackbox-exporter", [{ alert: "ProbeMissing", service: "shop", within: after(120 + 300), overWithin: 120 }]);

/** Seconds that the sequences may take together: each alert as long as it may, and its end. */
export const longest = Math.max(...long.map(secondsOf)) + secondsOf([last]);

function secondsOf(sequence: readonly Provocation[]): number {
  return sequence.reduce((sum, { expected }) => sum + Math.max(...expected.map(({ within }) => within)) + Math.max(...expected.map(({ overWithin = 0 }) => overWithin)) + 120, 0);
}

import { createHash } from "node:crypto";

import { daysBetween, day as toDay } from "../diary/day.ts";
import type { Day } from "../diary/day.ts";
import type { DiaryEntry } from "../diary/diary.ts";
import { MEASURES, measures } from "../diary/measures.ts";
import type { MeasureKey } from "../diary/measures.ts";

const START = toDay("2026-01-01");

/** A number from 0 up to 1 that depends on the words only. */
const chance = (...words: readonly string[]): number =>
  createHash("sha256").update(words.join("\0")).digest().readUInt32BE() / 2 ** 32;

/** Within what can be kept, rounded as it is kept. */
function plausible(key: MeasureKey, value: number): number {
  const { least, most, decimals } = measures[key];
  return Number(Math.min(Math.max(value, least), most).toFixed(decimals));
}

/**
 * What somebody who doesn't exist might have kept of a day: the same for the same person and day, for ever, with no
 * clock and no state. Weight goes up and down slowly; after a short night the mood is lower; some things are not
 * filled in, and of some days nothing is.
 *
 * @param person any text; each has habits of their own
 */
export function demonstrationDay(person: string, day: Day): DiaryEntry | undefined {
  const habit = (what: string): number => chance(person, what);
  const today = (what: string): number => chance(person, what, day);
  if (today("skipped") < 0.07) return undefined;

  const slowly = Math.sin((daysBetween(START, day) / 120 + habit("season")) * 2 * Math.PI);
  const sleep = plausible("sleep", 6.6 + habit("sleep") + (today("sleep") - 0.5) * 2.6);
  const values: Readonly<Record<MeasureKey, number>> = {
    weight: plausible("weight", 66 + habit("weight") * 30 + slowly * 1.6 + (today("weight") - 0.5) * 0.8),
    glucose: plausible("glucose", 5.6 + habit("glucose") * 1.4 + slowly * 0.3 + (today("glucose") - 0.5) * 1.6),
    steps: plausible("steps", 3500 + habit("steps") * 3000 + today("steps") * 6500),
    sleep,
    mood: plausible("mood", 1.4 + (sleep - 5) * 0.7 + today("mood") * 1.6),
  };
  const isFilledIn = (key: MeasureKey): boolean => key === "steps" || today(`${key} left out`) > 0.15;
  return { day, values: Object.fromEntries(MEASURES.filter(isFilledIn).map((key) => [key, values[key]])) };
}

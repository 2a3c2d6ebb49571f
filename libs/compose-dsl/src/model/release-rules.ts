import { duration, type Duration, type DurationInput } from "./units.ts";

const weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
export type Weekday = (typeof weekdays)[number];

/** A moment of every week on the clock of the environment's people: `"friday 16:00"`. */
export type WeekMomentText = `${Weekday} ${number}:${number}`;

/** A time in which nothing is released without breaking the glass, as people's clocks show it. */
export type Freeze =
  /** Minutes since Monday 00:00; `until` before `from` goes on into the next week. */
  | { readonly kind: "weekly"; readonly from: number; readonly until: number; readonly says: string; readonly because: string }
  /** Days as `2026-12-24`, both included. */
  | { readonly kind: "dates"; readonly from: string; readonly until: string; readonly because: string };

/** What a release must have shown before it comes to an environment. `jlam` itself enforces it. */
export interface ReleaseRules {
  /** Environment in which it must have been healthy for the soak time; undefined: any release may come. */
  readonly seenIn: string | undefined;
  readonly soak: Duration;
  /** How many people who wrote none of it must approve. */
  readonly approvals: number;
  /** Whether signed evidence must say that the tests of its revision passed. */
  readonly tests: boolean;
  readonly freezes: readonly Freeze[];
  /** IANA name of the clock by which freezes are meant. */
  readonly timeZone: string;
}

const timeZone = "Europe/Amsterdam";

/** Every release may come at any time: for environments in which releases are tried. */
export const ungated: ReleaseRules = { seenIn: undefined, soak: { ms: 0 }, approvals: 0, tests: false, freezes: [], timeZone };

/** A freeze of every week, such as `weekly({ from: "friday 16:00", until: "monday 08:00", because: "…" })`. */
export const weekly = ({ from, until, because }: { readonly from: WeekMomentText; readonly until: WeekMomentText; readonly because: string }): Freeze => ({
  kind: "weekly",
  from: weekMinute(from),
  until: weekMinute(until),
  says: `${from} to ${until}`,
  because,
});

type DayText = `${number}-${number}-${number}`;

/** A freeze of whole days, the last one included: `dates({ from: "2026-12-24", until: "2027-01-01", because: "…" })`. */
export function dates({ from, until, because }: { readonly from: DayText; readonly until: DayText; readonly because: string }): Freeze {
  for (const day of [from, until]) {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(Date.parse(day))) throw new RangeError(`"${day}" is not a day: write it as "2026-12-24"`);
  }
  if (until < from) throw new RangeError(`a freeze from ${from} can't end before it, on ${until}`);
  return { kind: "dates", from, until, because };
}

/** The freeze that environments have unless they say otherwise: who would watch a release over the weekend? */
export const weekend: Freeze = weekly({ from: "friday 16:00", until: "monday 08:00", because: "nobody watches it over the weekend" });

export interface GateOptions {
  readonly seenIn: string;
  /** Two hours unless said otherwise. */
  readonly soak?: DurationInput;
  /** One unless said otherwise. */
  readonly approvals?: number;
  /** The weekend unless said otherwise. */
  readonly freezes?: readonly Freeze[];
}

/**
 * Only what was seen healthy in `seenIn`, passed its tests, was approved by somebody else, and not in a freeze:
 * `gated({ seenIn: "staging", soak: "2h", freezes: [weekend] })`.
 */
export function gated({ seenIn, soak = "2h", approvals = 1, freezes = [weekend] }: GateOptions): ReleaseRules {
  if (!Number.isInteger(approvals) || approvals < 0) throw new RangeError(`approvals must be a whole number, not ${approvals}`);
  return { seenIn, soak: duration(soak), approvals, tests: true, freezes, timeZone };
}

function weekMinute(text: string): number {
  const [, day = "", hour, minute] = /^([a-z]+) (\d{1,2}):(\d{2})$/.exec(text) ?? [];
  const index = weekdays.findIndex((weekday) => weekday === day);
  const [hours, minutes] = [Number(hour), Number(minute)];
  if (index < 0 || !(hours < 24) || !(minutes < 60)) throw new RangeError(`"${text}" is not a moment of the week: write it as "friday 16:00"`);
  return (index * 24 + hours) * 60 + minutes;
}

/** A day of the calendar as `2026-11-21`: no time, and so no time zone. Days in this form sort by date. */
export type Day = string & { readonly __day: true };

/** No diary is older than the people who made this, and a typing error in the year should be noticed. */
export const EARLIEST = "2000-01-01";

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MILLISECONDS = 86_400_000;

const ofDate = (date: Date): string => date.toISOString().slice(0, 10);
const asDate = (day: Day): Date => new Date(`${day}T00:00:00Z`);

/** Tells whether `text` is a day that a diary can have: one that exists, from {@link EARLIEST} on. */
export function isDay(text: string): text is Day {
  if (!DAY.test(text) || text < EARLIEST) return false;
  const date = new Date(`${text}T00:00:00Z`);
  // The 31st of February would become the 3rd of March.
  return !Number.isNaN(date.getTime()) && ofDate(date) === text;
}

/** @throws RangeError when `text` is not {@link isDay a day}; for text that was checked before, or is written in source. */
export function day(text: string): Day {
  if (isDay(text)) return text;
  throw new RangeError(`${text} is not a day such as 2026-11-21, from ${EARLIEST} on.`);
}

// Swedish writes dates as ISO 8601 does.
const calendar = new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Amsterdam", dateStyle: "short" });

/** The day that it is in the Netherlands at `now`, in milliseconds since 1970. */
export const dayAt = (now: number): Day => day(calendar.format(now));

/** The day `count` days later, earlier when negative; never before {@link EARLIEST}. */
export function plusDays(from: Day, count: number): Day {
  const text = ofDate(new Date(asDate(from).getTime() + count * MILLISECONDS));
  return isDay(text) ? text : day(EARLIEST);
}

/** How many days `to` is after `from`. */
export const daysBetween = (from: Day, to: Day): number => (asDate(to).getTime() - asDate(from).getTime()) / MILLISECONDS;

const inFull = new Intl.DateTimeFormat("nl-NL", { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
const weekdayAndDate = new Intl.DateTimeFormat("nl-NL", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
const dateOnly = new Intl.DateTimeFormat("nl-NL", { day: "numeric", month: "short", timeZone: "UTC" });

/** As in "zaterdag 21 november 2026". */
export const longDay = (value: Day): string => inFull.format(asDate(value));

/** As in "za 21 nov". */
export const shortDay = (value: Day): string => weekdayAndDate.format(asDate(value));

/** As in "21 nov". */
export const dayAndMonth = (value: Day): string => dateOnly.format(asDate(value));

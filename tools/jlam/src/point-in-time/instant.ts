/** An instant as a person says it: in Amsterdam's time unless a zone is said, and told back in both. */
import { PersonError } from "../terminal/failure.ts";

const zone = "Europe/Amsterdam";
const clock = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });

/**
 * `2026-11-20 14:03:00` is Amsterdam's time; `2026-11-20T13:03:00Z`, `2026-11-20 13:03:00 UTC` and `… +01:00` say theirs.
 * @throws PersonError for anything else, and for a time that Amsterdam's clocks skip or show twice
 */
export function readInstant(text: string): Date {
  const [, day, time, seconds = ":00", said] = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d(?:\.\d{1,3})?)? ?(Z|UTC|[+-]\d\d:\d\d)?$/.exec(text.trim()) ?? [];
  const asUtc = new Date(`${day ?? ""}T${time ?? ""}${seconds}Z`);
  if (day === undefined || time === undefined || Number.isNaN(asUtc.getTime())) {
    throw new PersonError(`"${text}" is no instant.`, { fix: 'Say it as "2026-11-20 14:03:00", which is time in Amsterdam, or with its zone: "2026-11-20T13:03:00Z".', exitCode: 2 });
  }
  if (said !== undefined) return new Date(`${day}T${time}${seconds}${said === "UTC" ? "Z" : said}`);
  // Amsterdam is one hour ahead of UTC, or two; which of them shows this time on its clocks?
  const meant = [1, 2].map((hours) => new Date(asUtc.getTime() - hours * 3_600_000)).filter((instant) => clock.format(instant) === `${day} ${time}${seconds.slice(0, 3)}`);
  const [only, other] = meant;
  if (only !== undefined && other === undefined) return only;
  throw new PersonError(`"${text}" ${only === undefined ? "is a time that Amsterdam's clocks skipped" : "is a time that Amsterdam's clocks showed twice"}.`, {
    fix: only === undefined ? "Say it in UTC: with a Z at its end." : `Say which: ${meant.map((instant) => instant.toISOString()).join(" or ")}.`,
    exitCode: 2,
  });
}

/** `2026-11-20 14:03:00 in Amsterdam (13:03:00 UTC)`. */
export function instantInWords(instant: Date): string {
  const utc = instant.toISOString().slice(0, 19).replace("T", " ");
  const local = clock.format(instant);
  return `${local} in Amsterdam (${utc.slice(0, 10) === local.slice(0, 10) ? utc.slice(11) : utc} UTC)`;
}

/** A text with every instant that a machine wrote into it (`2026-11-20T13:03:00.000Z`) in words. */
export const instantsInWords = (text: string): string => text.replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z/g, (instant) => instantInWords(new Date(instant)));

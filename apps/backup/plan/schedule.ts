/** When sets are made and how fast they come back: what promises are held against. */
import { betweenSets, hours, minutes, type Duration } from "@jlam/compose-dsl";

export interface Schedule {
  /** Hour of the day, UTC, at which the daily set is begun. */
  readonly atHour: number;
  /** Time from one set to the next. */
  readonly every: Duration;
  /** How long nobody can delete a set, whoever asks. */
  readonly keep: Duration;
  /** The same for the copy in the second region, counted from when the set was begun. */
  readonly keepCopy: Duration;
  /** From an empty machine to a database that takes a restore: images, network, start. */
  readonly start: Duration;
  /** How far back every instant of a database can be reached whose changes are streamed. */
  readonly keepInstants: Duration;
  /** Least that may be lost of a database whose changes are streamed: they are closed once a minute, and then sent. */
  readonly leastStreamed: Duration;
  /** Plain dump that comes back in a second. */
  readonly restoreBytesPerSecond: number;
}

/**
 * At 02:00 UTC, when fewest people are there, and kept for 30 days.
 *
 * 71 to 88 MB/s of plain dump were restored on two processors with the disk's guarantees off; 25 MB/s is what remains to
 * count on with them, the network and the decryption. Two minutes for the start are the time in which `up` takes a
 * machine without images to a healthy database.
 *
 * An instant needs the whole base backup before it, which may be a week older; with a day for whoever removes it, 22 days
 * are what lets nothing be older than a set.
 */
export const daily: Schedule = { atHour: 2, every: betweenSets, keep: hours(30 * 24), keepCopy: hours(30 * 24), start: minutes(2), leastStreamed: minutes(2), keepInstants: hours(22 * 24), restoreBytesPerSecond: 25e6 };

/** Largest plain dump, in bytes, that is back within `recoverWithin`; 0 where the start alone takes longer. */
export const largestWithin = (recoverWithin: Duration, { start, restoreBytesPerSecond }: Schedule): number =>
  Math.max(0, Math.floor(((recoverWithin.ms - start.ms) / 1000) * restoreBytesPerSecond));

/** A plan as a person reads it. */
import type { BackupPlan, PlanEntry } from "./plan.ts";
import { durationInWords } from "./findings.ts";
import { largestWithin, type Schedule } from "./schedule.ts";

/** One line for each entry: what is saved and promised, and why what isn't saved is not. */
export function planInWords({ entries }: BackupPlan, schedule: Schedule): string {
  const width = Math.max(...entries.map(({ id }) => id.length));
  return entries.map((entry) => `${entry.id.padEnd(width)}  ${entryInWords(entry, schedule)}\n`).join("");
}

function entryInWords(entry: PlanEntry, schedule: Schedule): string {
  switch (entry.kind) {
    case "database":
      return `dumped with its roles${entry.streamed ? ", and every change streamed, so that it comes back as at any instant" : ""}; ${promiseInWords(entry.promise, schedule)}`;
    case "volume":
      return `archived; ${promiseInWords(entry.promise, schedule)}`;
    case "unreadable":
      return `can't be saved: the engine reads no ${entry.what}`;
    case "covered":
      return `saved through ${entry.by}`;
    case "none":
      return `not saved: ${entry.reason}`;
    case "copies":
      return `holds a copy of every set, made by reading the first one back; locked there for ${schedule.keepCopy.ms / 86_400_000} days`;
    case "repository":
      return `git bundle with ${entry.brings.join(", ")}`;
    case "machine":
      return `of the machine that runs it: ${entry.brings.join(", ")}`;
  }
}

function promiseInWords({ loseAtMost, recoverWithin }: Extract<PlanEntry, { kind: "database" }>["promise"], schedule: Schedule): string {
  const gigabytes = largestWithin(recoverWithin, schedule) / 1e9;
  return `at most ${durationInWords(loseAtMost)} are lost, back within ${recoverWithin.ms / 60_000} min up to ${gigabytes.toFixed(0)} GB`;
}

/** Sets and progress as a person reads them. */
import type { CopyProgress } from "./sets/copy.ts";
import type { ListedSet } from "./sets/list.ts";
import type { PrunedRegion } from "./sets/prune-run.ts";
import type { Progress } from "./sets/run.ts";

const megabytes = (bytes: number): string => (bytes < 1e5 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);
const sizeOf = (set: Extract<ListedSet, { kind: "set" }>): number => set.manifest.objects.reduce((sum, { bytes }) => sum + bytes, 0);

export function progressInWords(progress: Progress): string {
  switch (progress.step) {
    case "started":
      return `Making the set ${progress.id}\n`;
    case "snapshots":
      return `  ${progress.databases} databases hold still\n`;
    case "cleared":
      return progress.uploads === 0 ? "" : `  ${progress.uploads} uploads of an interrupted run were ended\n`;
    case "sending":
      return `  ${progress.key}: ${megabytes(progress.bytes)} sent, ${megabytes(progress.bytesPerSecond)}/s${timeLeft(progress)}\n`;
    case "sent":
      return `  ${progress.key}: done, ${megabytes(progress.bytes)}\n`;
    case "counted":
      return `  ${progress.database}: ${progress.tables} tables counted\n`;
    case "committed":
      return `The set ${progress.id} is there, after ${progress.seconds.toFixed(0)} s\n`;
  }
}

export function copyInWords(progress: CopyProgress): string {
  switch (progress.step) {
    case "copied":
      return `${progress.id} is in the second region: ${megabytes(progress.bytes)}, read back and equal, after ${progress.seconds.toFixed(0)} s\n`;
    case "told":
      return `The second region has all sets, and ${progress.records} markers and lists of erased people more\n`;
  }
}

export function prunedInWords({ region, removed, cleared, because }: PrunedRegion): string {
  const kept = because === undefined ? "" : `No set of the ${region} region is removed: ${because}.\n`;
  return `${kept}${removed.length} sets and the remains of ${cleared.length} runs were removed from the ${region} region.\n`;
}

/** An upper bound: the estimate counts the database's files, and what is sent of them is compressed. */
function timeLeft({ bytes, bytesPerSecond, estimatedBytes }: Extract<Progress, { step: "sending" }>): string {
  if (estimatedBytes <= bytes || bytesPerSecond === 0) return "";
  return `, at most ${Math.ceil((estimatedBytes - bytes) / bytesPerSecond)} s left`;
}

/** A line for each set, newest first. */
export function setsInWords(sets: readonly ListedSet[]): string {
  if (sets.length === 0) return "There is no set yet.\n";
  return sets
    .map((set) => {
      if (set.kind === "unusable") return `${set.id}  can't be used: ${set.why}\n`;
      const verified = set.marker === undefined ? "not verified yet" : `restored and found equal at ${set.marker.verifiedAt}`;
      return `${set.id}  ${megabytes(sizeOf(set)).padStart(10)}  ${verified}\n`;
    })
    .join("");
}

/** Everything that a person asks about one set. */
export function setInWords(set: Extract<ListedSet, { kind: "set" }>): string {
  const { manifest } = set;
  const databases = manifest.databases.flatMap(({ id, server, snapshotAt, content }) => [
    `${id}: PostgreSQL ${server}, as it was at ${snapshotAt}`,
    ...content.tables.map(({ name, rows }) => `  ${name}: ${rows} ${rows === "1" ? "row" : "rows"}`),
  ]);
  return [
    setsInWords([set]).trimEnd(),
    `revision ${manifest.revision}; locked until ${manifest.lockedUntil}`,
    `for the keys ${manifest.recipients.join(" and ")}`,
    ...manifest.objects.map(({ key, bytes, sha256 }) => `${key}  ${megabytes(bytes)}  sha256 ${sha256}`),
    ...databases,
    "",
  ].join("\n");
}

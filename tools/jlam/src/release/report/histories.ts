/** The histories of environments, from the journals that are kept off their hosts. */
import { keptJournal, type KeptJournal } from "../journal/kept.ts";
import { namesBelow, type Snapshot } from "../record/repository.ts";
import { releaseMetrics, runsOf } from "./metrics.ts";
import type { EnvironmentHistory } from "./page.ts";

/** Journals of one environment, or of all that have one. */
export async function keptJournals(from: Snapshot, environment: string | undefined): Promise<readonly KeptJournal[]> {
  const names = environment === undefined ? await namesBelow(from, "journals") : [environment];
  return await Promise.all(names.map((name) => keptJournal(from, name)));
}

/** What a journal tells, as far as its chain is whole. */
export function historyOf({ environment, entries, broken }: KeptJournal, now: Date): EnvironmentHistory {
  const runs = runsOf(entries);
  return { environment, runs, metrics: releaseMetrics(runs, now), broken: broken && `entry ${broken.entry}: ${broken.why}` };
}

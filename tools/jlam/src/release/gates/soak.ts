/** Whether a release was seen healthy elsewhere for long enough, by the journal of where it was. */
import type { Evidence } from "../record/evidence.ts";
import { shortId, type ReleaseId } from "../record/release.ts";
import type { JournalEntry } from "../journal/entry.ts";
import type { Refusal } from "./refusal.ts";

export interface SoakFacts {
  readonly release: ReleaseId;
  /** Environment that proves it. */
  readonly environment: string;
  /** Its journal, verified. */
  readonly entries: readonly JournalEntry[];
  /** Smoke runs there, their signatures verified. */
  readonly evidence: readonly Evidence[];
  /** How long it must have been healthy, in milliseconds. */
  readonly soakMs: number;
  readonly now: Date;
}

/**
 * Refuses unless the release finished its deploy there and then served for the soak time without a failure. The time
 * counts from the last failure on, and ends when another release took over.
 */
export function soakGate(facts: SoakFacts): readonly Refusal[] {
  const { environment, soakMs, release } = facts;
  const name = shortId(release);
  const stays = servingStays(facts);
  const longest = stays.toSorted((a, b) => b.milliseconds - a.milliseconds)[0];
  if (longest === undefined) {
    const failed = facts.entries.some((entry) => entry.release === release);
    return failed
      ? [refusal("failed", `release ${name} never stayed in ${environment}: its deploy failed, didn't end, or was rolled back`, `Mend it, build a new release and deploy that to ${environment}.`)]
      : [refusal("not-seen", `${environment} has never seen release ${name}`, `Deploy it there first: \`jlam deploy ${environment} ${name}\`.`)];
  }
  if (longest.milliseconds >= soakMs) return [];
  const missing = soakMs - longest.milliseconds;
  const last = stays.at(-1);
  const still = last?.open === true;
  return [
    refusal(
      "too-short",
      `release ${name} was healthy in ${environment} for ${inWords(longest.milliseconds)}, not for ${inWords(soakMs)}${longest.broken ? "; its time counts from the last failure on" : ""}`,
      still ? `Wait ${inWords(missing)}, until ${new Date(facts.now.getTime() + soakMs - last.milliseconds).toISOString()}.` : `Another release runs there now: deploy this one to ${environment} again, and wait ${inWords(soakMs)}.`,
    ),
  ];
}

const refusal = (code: string, message: string, fix: string): Refusal => ({ gate: "soak", code: `soak-${code}`, message, fix });

interface Stay {
  readonly milliseconds: number;
  /** Whether it still serves. */
  readonly open: boolean;
  /** Whether a failure made its time start anew. */
  readonly broken: boolean;
}

/** Times in which the release served there, each from its last failure to its end; none that somebody ended by a rollback. */
function servingStays({ release, environment, entries, evidence, now }: SoakFacts): readonly Stay[] {
  const failures = evidence.flatMap((found) => (found.kind === "smoke" && found.environment === environment && found.release === release && found.outcome === "failed" ? [Date.parse(found.at)] : []));
  const stays: Stay[] = [];
  let since: { at: number; broken: boolean } | undefined;
  const end = (until: number, open: boolean): void => {
    if (since === undefined) return;
    const begin = since.at;
    const last = Math.max(begin, ...failures.filter((at) => at >= begin && at <= until));
    stays.push({ milliseconds: Math.max(0, until - last), open, broken: since.broken || last > begin });
    since = undefined;
  };
  for (const entry of entries) {
    const at = Date.parse(entry.at);
    if (entry.action === "smoke") {
      if (since && entry.release === release && entry.outcome === "failed") since = { at, broken: true };
      continue;
    }
    const finished = entry.step === "finish" && entry.outcome === "done";
    if (finished && entry.release === release) since ??= { at, broken: false };
    // Whoever rolls back says that it wasn't well, whatever it looked like.
    else if (entry.action === "rollback" && since) since = undefined;
    // From the switch on, whatever came next served.
    else if ((finished || entry.step === "switch") && since) end(at, false);
  }
  end(now.getTime(), true);
  return stays;
}

/** `1 h 20 min`, `35 min`, `40 s`. */
export function inWords(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return hours === 0 ? `${rest} min` : rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

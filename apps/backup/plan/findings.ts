/** Promises that no set on this schedule can keep. */
import type { Diagnostic, Duration } from "@jlam/compose-dsl";
import type { BackupPlan, PlanEntry, RecoveryPromise } from "./plan.ts";
import { largestWithin, type Schedule } from "./schedule.ts";

type Promised = Extract<PlanEntry, { readonly promise: RecoveryPromise }>;

/** What `check` prints: for every promise that can't be kept, what would have to change. Empty when all can. */
export function planFindings({ entries }: BackupPlan, schedule: Schedule): readonly Diagnostic[] {
  return entries.flatMap((entry) => ("promise" in entry ? promiseFindings(entry, schedule) : []));
}

/** What `check` prints where an application tells people that backups of them are gone sooner than they are. */
export function retentionFindings(subject: string, goneAfterDays: number, schedule: Schedule, at: Diagnostic["at"]): readonly Diagnostic[] {
  const keptDays = Math.max(schedule.keep.ms, schedule.keepCopy.ms) / 86_400_000;
  if (keptDays <= goneAfterDays) return [];
  return [
    {
      rule: "backup-retention",
      severity: "error",
      subject,
      at,
      message: `${subject} tells people that backups are gone after ${goneAfterDays} days, and sets are locked for ${keptDays}`,
      why: "the privacy notice would promise what nobody can do: a locked set can't be deleted by anybody",
      fix: "say the longer time in the notice, or keep sets for less",
    },
  ];
}

function promiseFindings(entry: Promised, schedule: Schedule): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const { loseAtMost, recoverWithin } = entry.promise;
  const error = (rule: string, text: Pick<Diagnostic, "message" | "why" | "fix">): void => {
    found.push({ rule, severity: "error", subject: entry.id, at: entry.at, ...text });
  };
  if (entry.kind === "unreadable") {
    error("backup-kind", {
      message: `${entry.id} is to be backed up, and the engine has no way to read a resource of the kind ${entry.what}`,
      why: "the set would leave it out, and nobody would know until it is needed",
      fix: 'keep what must survive in a database or volume, and say notBackedUp("why") here',
    });
  }
  const streamed = entry.kind === "database" && entry.streamed;
  const least = streamed ? schedule.leastStreamed : schedule.every;
  if (loseAtMost.ms < least.ms) {
    error("backup-loss", {
      message: `${entry.id} promises to lose at most ${durationInWords(loseAtMost)}, and ${streamed ? "its changes are kept only after up to" : "a set is made every"} ${durationInWords(least)}`,
      why: streamed
        ? "a change is sent when its segment is closed, once a minute, and sending takes a while too"
        : "everything since the last set is lost with the disk: only a PostgreSQL that we run ourselves streams its changes; Scaleway's managed one has no point-in-time recovery",
      fix: streamed || entry.kind !== "database" ? `promise ${durationInWords(least)} or more` : `promise ${durationInWords(least)} or more, or provide it by postgresContainer`,
    });
  }
  if (largestWithin(recoverWithin, schedule) === 0) {
    error("backup-recovery", {
      message: `${entry.id} promises to be back within ${inMinutes(recoverWithin.ms)}, and starting an empty machine alone takes ${inMinutes(schedule.start.ms)}`,
      why: "the promise would be broken at the first recovery",
      fix: `promise more than ${inMinutes(schedule.start.ms)}`,
    });
  }
  return found;
}

const inMinutes = (ms: number): string => `${ms / 60_000} min`;
/** `24 h`, `5 min`. */
export const durationInWords = ({ ms }: Duration): string => (ms % 3_600_000 === 0 ? `${ms / 3_600_000} h` : inMinutes(ms));

/** Backups count once they were restored; and what the platform costs. */
import { backup } from "../catalogue/data.ts";
import { platform } from "../catalogue/machine.ts";
import { above, absent, averageOver, before, both, equals, maxBy, minus, now, select, sumBy, times } from "../expression/expression.ts";
import type { Watched } from "../watched/watched.ts";
import { everywhere, type Definition } from "./definition.ts";
import { inWords, thresholds } from "./threshold.ts";

const b = backup.metrics;
const resources = ({ backedUp }: Watched): readonly string[] => backedUp.map(({ resource }) => resource);
const commands: Definition["commands"] = ({ environment, service }) => [`./jlam status ${environment}`, `./jlam logs ${environment} backup --since 26h`, `./jlam logs ${environment} ${service} --since 26h`];
const cost = select(platform.metrics.cost_estimated_euros_per_day);
const usualCost = averageOver(before(cost, "1d"), "7d");

export const backups: readonly Definition[] = [
  {
    name: "BackupTooOld",
    severity: "P1",
    category: "backup",
    threshold: thresholds.backupAge,
    for: "5m",
    summary: `the last backup of {{ $labels.resource }} is older than ${inWords(thresholds.backupAge)}`,
    meaning: "Last night's set is missing. What was written since would be lost with the disk.",
    commands,
    over: "a new set succeeded",
    dashboard: "system-health",
    provoke: { how: "fault", fault: "the backup service tells of a set of 26 hours ago" },
    about: resources,
    when: everywhere(above(minus(now, maxBy(["resource"], select(b.backup_last_success_timestamp_seconds))), thresholds.backupAge.value)),
  },
  {
    name: "BackupMissing",
    severity: "P1",
    category: "backup",
    for: "10m",
    summary: "nothing is known of any backup of {{ $labels.resource }}",
    meaning: "The model says that it is backed up, and the backup service has never told of a set.",
    commands,
    over: "a first set succeeded",
    dashboard: "system-health",
    provoke: { how: "fault", fault: "the backup service tells of no set" },
    about: resources,
    when: ({ backedUp, tellsOfBackups }) => (tellsOfBackups ? backedUp.map(({ resource }) => ({ expression: absent(select(b.backup_last_success_timestamp_seconds, { resource })), labels: { resource } })) : []),
  },
  {
    name: "BackupUnverified",
    severity: "P1",
    category: "backup",
    threshold: thresholds.verificationAge,
    for: "5m",
    summary: `no set of {{ $labels.resource }} was restored and compared for ${inWords(thresholds.verificationAge)}`,
    meaning: "A backup that nobody restored is a hope. Verification failed twice, or didn't run.",
    commands,
    over: "the newest set was verified",
    dashboard: "system-health",
    provoke: { how: "fault", fault: "the backup service tells of a verification of 50 hours ago" },
    about: resources,
    when: everywhere(above(minus(now, maxBy(["resource"], select(b.backup_last_verified_timestamp_seconds))), thresholds.verificationAge.value)),
  },
  {
    name: "DrillOverdue",
    severity: "P2",
    category: "backup",
    threshold: thresholds.drillAge,
    for: "5m",
    summary: `the last recovery drill is older than ${inWords(thresholds.drillAge)}`,
    meaning: "Once a week the whole environment is brought back on an empty machine. Without it nobody knows how long recovery takes.",
    commands,
    over: "a drill succeeded",
    dashboard: "executive-overview",
    provoke: { how: "fault", fault: "the backup service tells of a drill of nine days ago" },
    when: everywhere(above(minus(now, select(b.backup_last_drill_timestamp_seconds)), thresholds.drillAge.value)),
  },
  {
    name: "RecoveryTooSlow",
    severity: "P2",
    category: "backup",
    threshold: thresholds.recoveryTime,
    for: "0s",
    summary: `the last drill took longer than the ${inWords(thresholds.recoveryTime)} that recovery may take`,
    meaning: "The promise of ten minutes can't be kept any more. The drill's report says which step grew.",
    commands,
    over: "a drill was fast enough",
    dashboard: "executive-overview",
    provoke: { how: "fault", fault: "the backup service tells of a drill that took 700 seconds" },
    when: everywhere(above(select(b.backup_drill_recovery_seconds), thresholds.recoveryTime.value)),
  },
  {
    name: "CostAnomaly",
    severity: "P3",
    category: "cost",
    threshold: thresholds.costGrowth,
    for: "1h",
    summary: "the platform costs € {{ $value | humanize }} a day, much more than last week",
    meaning: "Something was made larger, or something was left running. Silent on its first day, when there is nothing to compare with.",
    commands: ({ environment }) => [`./jlam status ${environment}`, `./jlam diff ${environment}`, "docker system df"],
    over: "the cost is back, or the higher one is a week old",
    dashboard: "cost-analysis",
    provoke: { how: "unproven", because: "it compares with a week of history" },
    when: everywhere(
      both(
        above(sumBy([], cost), times(thresholds.costGrowth.value, sumBy([], usualCost))),
        above(minus(sumBy([], cost), sumBy([], usualCost)), thresholds.costEuros.value),
      ),
    ),
  },
  {
    name: "UpdateAvailable",
    severity: "P3",
    category: "cost",
    for: "5m",
    summary: "{{ $labels.image }} {{ $labels.current }} has a successor: {{ $labels.newest }}",
    meaning: "Renovate has a merge request for it. Security fixes go first; the rest with the next release.",
    commands: ({ environment }) => ["./jlam images list", `./jlam diff ${environment}`, "./jlam images lock"],
    over: "the newer version runs",
    dashboard: "executive-overview",
    provoke: { how: "fault", fault: "a file of figures names a newer version" },
    when: everywhere(equals(maxBy(["image", "current", "newest"], select(platform.metrics.image_update_available)), 1)),
  },
];

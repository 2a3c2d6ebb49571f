/** How releases go, from the journal: how often, how fast, how often they fail, and how fast that is mended. Pure. */
import type { JournalEntry } from "../journal/entry.ts";

/** One undertaking, as its entries tell it. */
export interface Run {
  readonly run: string;
  readonly action: JournalEntry["action"];
  readonly release: string;
  readonly who: string;
  readonly approvers: readonly string[];
  readonly began: Date;
  /** When its last entry was written. */
  readonly ended: Date;
  /** `unfinished`: its last entry is neither the end nor a way back; whoever comes next ends it. */
  readonly outcome: "done" | "failed" | "reverted" | "unfinished";
  readonly committedAt: Date;
  readonly brokenGlass: string | undefined;
  /** The step that failed, and its evidence in words. */
  readonly failure: string | undefined;
}

/** The runs of a journal, in the order in which they began. */
export function runsOf(entries: readonly JournalEntry[]): readonly Run[] {
  return [...Map.groupBy(entries, ({ run }) => run).values()].flatMap((group) => {
    const [first] = group;
    const last = group.at(-1);
    if (!first || !last) return [];
    const failed = group.find(({ outcome }) => outcome === "failed");
    return [{
      run: first.run,
      action: first.action,
      release: last.release,
      who: first.who,
      approvers: last.approvers,
      began: new Date(first.at),
      ended: new Date(last.at),
      outcome: outcomeOf(group, last),
      committedAt: new Date(first.committedAt),
      brokenGlass: group.find(({ brokenGlass }) => brokenGlass !== null)?.brokenGlass?.reason,
      failure: failed && `${failed.step}${Object.entries(failed.evidence).map(([name, value]) => `, ${name} ${String(value)}`).join("")}`,
    }];
  });
}

function outcomeOf(group: readonly JournalEntry[], last: JournalEntry): Run["outcome"] {
  const wentBack = group.some(({ step, outcome }) => (step === "switch-back" || step === "revert") && outcome === "done");
  if (wentBack) return "reverted";
  if (last.outcome === "failed") return "failed";
  return (last.step === "finish" || last.action === "smoke" || last.action === "unlock") && last.outcome === "done" ? "done" : "unfinished";
}

/** The four numbers of DORA, and how fast a rollback is. Times in seconds; undefined: it never happened. */
export interface ReleaseMetrics {
  readonly deploys: number;
  readonly failedDeploys: number;
  readonly rollbacks: number;
  readonly brokenGlass: number;
  /** Deploys a week in the four weeks before `now`. */
  readonly deploysPerWeek: number;
  /** Median from commit to serving. */
  readonly leadTime: number | undefined;
  /** Median from a failed deploy, or one that was rolled back, to the next that served. */
  readonly recoveryTime: number | undefined;
  /** Median and longest of a rollback, from command to end. */
  readonly rollbackTime: number | undefined;
  readonly longestRollback: number | undefined;
  /** When something served last, in seconds since 1970. */
  readonly lastDeploy: number | undefined;
}

const weeks = 4;
const week = 7 * 86_400_000;

/** The numbers of one environment's runs. */
export function releaseMetrics(runs: readonly Run[], now: Date): ReleaseMetrics {
  const deploys = runs.filter(({ action }) => action === "deploy");
  const served = deploys.filter(({ outcome }) => outcome === "done");
  const rollbacks = runs.filter(({ action, outcome }) => action === "rollback" && outcome === "done");
  const failed = deploys.filter(({ outcome }) => outcome === "failed" || outcome === "reverted");
  const recent = served.filter(({ ended }) => now.getTime() - ended.getTime() <= weeks * week && ended <= now);
  const lasting = rollbacks.map(({ began, ended }) => seconds(began, ended));
  return {
    deploys: served.length,
    failedDeploys: failed.length,
    rollbacks: rollbacks.length,
    brokenGlass: runs.filter(({ brokenGlass }) => brokenGlass !== undefined).length,
    deploysPerWeek: recent.length / weeks,
    leadTime: median(served.map(({ committedAt, ended }) => seconds(committedAt, ended))),
    recoveryTime: median(recoveries(runs)),
    rollbackTime: median(lasting),
    longestRollback: lasting.length === 0 ? undefined : Math.max(...lasting),
    lastDeploy: served.length === 0 ? undefined : Math.max(...served.map(({ ended }) => ended.getTime())) / 1000,
  };
}

/** From when something went wrong until something served well again: a switch back or a rollback mends it at its own end. */
function recoveries(runs: readonly Run[]): readonly number[] {
  const found: number[] = [];
  let broken: Date | undefined;
  for (const { action, outcome, began, ended } of runs) {
    if (action === "smoke") {
      if (outcome === "failed") broken ??= ended;
      continue;
    }
    if (outcome === "reverted") found.push(seconds(broken ?? began, ended));
    else if (action === "rollback" && outcome === "done") found.push(seconds(broken ?? began, ended));
    else if (outcome === "done" && broken) found.push(seconds(broken, ended));
    else if (outcome === "failed") {
      broken ??= began;
      continue;
    }
    if (outcome !== "unfinished") broken = undefined;
  }
  return found;
}

const seconds = (from: Date, to: Date): number => (to.getTime() - from.getTime()) / 1000;

/** The middle one, or the mean of the two in the middle. */
function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

/** The numbers as Prometheus reads them from a file (node_exporter's textfile collector). Those that don't exist are left out. */
export function metricsText(byEnvironment: ReadonlyMap<string, ReleaseMetrics>): string {
  const families: readonly (readonly [name: string, type: "counter" | "gauge", help: string, key: keyof ReleaseMetrics])[] = [
    ["jlam_deploys_total", "counter", "Deploys that ended with the new release serving.", "deploys"],
    ["jlam_deploys_failed_total", "counter", "Deploys that failed or went back by themselves.", "failedDeploys"],
    ["jlam_rollbacks_total", "counter", "Rollbacks that somebody asked for.", "rollbacks"],
    ["jlam_broken_glass_total", "counter", "Deploys and rollbacks that passed gates with --break-glass.", "brokenGlass"],
    ["jlam_deploys_per_week", "gauge", "Deploys a week over the last four weeks.", "deploysPerWeek"],
    ["jlam_lead_time_seconds", "gauge", "Median time from commit to serving.", "leadTime"],
    ["jlam_recovery_time_seconds", "gauge", "Median time from a failure to serving well again.", "recoveryTime"],
    ["jlam_rollback_seconds", "gauge", "Median time of a rollback, from command to end.", "rollbackTime"],
    ["jlam_rollback_longest_seconds", "gauge", "Longest time of a rollback.", "longestRollback"],
    ["jlam_last_deploy_timestamp_seconds", "gauge", "When a deploy ended last.", "lastDeploy"],
  ];
  const lines = families.flatMap(([name, type, help, key]) => {
    const samples = [...byEnvironment].flatMap(([environment, metrics]) => (metrics[key] === undefined ? [] : [`${name}{environment="${environment}"} ${metrics[key]}`]));
    return samples.length === 0 ? [] : [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples];
  });
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

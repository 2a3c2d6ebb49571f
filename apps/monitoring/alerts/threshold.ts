/** Every limit of an alert, once: the rule compares with it, the dashboard draws it, the runbook says it. */
import type { Unit } from "../catalogue/metric.ts";

export interface Threshold {
  readonly value: number;
  readonly unit: Unit;
}

const share = (value: number): Threshold => ({ value, unit: "ratio" });
const time = (value: number): Threshold => ({ value, unit: "seconds" });
const count = (value: number): Threshold => ({ value, unit: "count" });
const bytes = (value: number): Threshold => ({ value, unit: "bytes" });

const hour = 3600;
const day = 24 * hour;

export const thresholds = {
  memoryFree: share(0.05),
  diskFree: share(0.05),
  diskUsed: share(0.8),
  inodesFree: share(0.1),
  /** How far ahead a disk's growth is followed. */
  diskHorizon: time(4 * hour),
  containerMemory: share(0.9),
  clockOffset: time(0.5),
  certificateUrgent: time(3 * day),
  certificateSoon: time(7 * day),
  restarts: count(3),
  restartsPerHour: count(5),
  answerTime: time(2),
  errorShare: share(0.01),
  /** Fewer errors than this in five minutes wake nobody: one in fifty requests at night is two per cent. */
  errorCount: count(5),
  /** A share of few requests burns no budget: a dozen answers while everything starts would wake somebody. */
  brokenPromises: count(20),
  /** Below this many requests a second a quantile says little. */
  leastRate: count(0.1),
  trafficGrowth: count(4),
  trafficRate: count(20),
  refusedShare: share(0.3),
  signInFailures: count(20),
  connectionsUsed: share(0.8),
  cacheMemory: share(0.9),
  databaseShrunk: share(0.5),
  /** A database smaller than this is empty or new: its halving says nothing. */
  databaseLeast: bytes(20e6),
  backupAge: time(25 * hour),
  verificationAge: time(49 * hour),
  copyAge: time(27 * hour),
  drillAge: time(8 * day),
  recoveryTime: time(600),
  outage: time(600),
  costGrowth: count(1.3),
  costEuros: { value: 1, unit: "euros" },
  series: count(100_000),
} as const satisfies Readonly<Record<string, Threshold>>;

const divided = (value: number, by: number): string => String(Math.round((value / by) * 100) / 100);

/** A threshold as people say it: `5 %`, `25 h`, `500 ms`. */
export function inWords({ value, unit }: Threshold): string {
  switch (unit) {
    case "ratio":
      return `${divided(value * 100, 1)} %`;
    case "seconds":
      return value >= 2 * day ? `${divided(value, day)} days` : value >= hour ? `${divided(value, hour)} h` : value >= 60 ? `${divided(value, 60)} min` : value < 1 ? `${divided(value * 1000, 1)} ms` : `${value} s`;
    case "bytes":
      return `${divided(value, 1e6)} MB`;
    case "euros":
      return `€ ${value}`;
    case "count":
    case "yes-or-no":
    case "unix-time":
      return value.toLocaleString("en");
  }
}

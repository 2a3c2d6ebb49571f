/** The page of releases: one file of HTML that needs nothing else, for whoever wants to look and not type. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Handlebars from "handlebars";
import { inWords } from "../gates/soak.ts";
import { shortId } from "../record/release.ts";
import type { ReleaseMetrics, Run } from "./metrics.ts";

export interface EnvironmentHistory {
  readonly environment: string;
  readonly runs: readonly Run[];
  readonly metrics: ReleaseMetrics;
  /** What is wrong with the journal; undefined: it is whole. */
  readonly broken: string | undefined;
}

const timeWords = new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/Amsterdam", dateStyle: "medium", timeStyle: "short" });

/** The page as HTML; texts of the journal are escaped. */
export function historyPage(histories: readonly EnvironmentHistory[], at: Date): string {
  const template = Handlebars.compile(readFileSync(join(import.meta.dirname, "page.hbs"), "utf8"), { strict: true });
  return template({
    at: timeWords.format(at),
    histories: histories.map(({ environment, runs, metrics, broken }) => ({
      environment,
      broken: broken ?? "",
      numbers: numbersInWords(metrics),
      runs: runs.toReversed().map((run) => ({
        began: timeWords.format(run.began),
        action: run.action,
        release: shortId(run.release),
        outcome: run.outcome,
        took: inWords(run.ended.getTime() - run.began.getTime()),
        who: run.who,
        approvers: run.approvers.join(", "),
        note: [run.failure, run.brokenGlass === undefined ? undefined : `glass broken: ${run.brokenGlass}`].filter((text) => text !== undefined).join("; "),
      })),
    })),
  });
}

/** The numbers that exist, as pairs of name and value. */
export const numbersInWords = (metrics: ReleaseMetrics): readonly { readonly name: string; readonly value: string }[] => [
  { name: "Deploys", value: String(metrics.deploys) },
  { name: "Deploys a week, over four weeks", value: String(Math.round(metrics.deploysPerWeek * 10) / 10) },
  { name: "Failed or taken back by themselves", value: String(metrics.failedDeploys) },
  { name: "Rollbacks", value: String(metrics.rollbacks) },
  { name: "With broken glass", value: String(metrics.brokenGlass) },
  ...lasting("From commit to serving (median)", metrics.leadTime),
  ...lasting("From a failure to well again (median)", metrics.recoveryTime),
  ...lasting("A rollback (median)", metrics.rollbackTime),
];

const lasting = (name: string, seconds: number | undefined): readonly { readonly name: string; readonly value: string }[] => (seconds === undefined ? [] : [{ name, value: inWords(seconds * 1000) }]);

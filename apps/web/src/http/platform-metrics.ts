import type { Logger } from "pino";
import { Gauge } from "prom-client";
import type { Registry } from "prom-client";

import type { PlatformCounts } from "../database/platform-counts.ts";

const PERIODS = ["day", "week", "month"] as const;

/** A number of the whole platform: one, or one for each period. */
interface PlatformGauge {
  readonly name: string;
  readonly help: string;
  readonly of: (counts: PlatformCounts) => number | PlatformCounts["active"];
}

const GAUGES: readonly PlatformGauge[] = [
  { name: "jlam_members", help: "Members that there are: everybody who signed up and was not erased.", of: (counts) => counts.members },
  { name: "jlam_sign_ups", help: "Members who signed up in the last 1, 7 or 30 days.", of: (counts) => counts.signUps },
  { name: "jlam_active_members", help: "Members who wrote in their diary in the last 1, 7 or 30 days.", of: (counts) => counts.active },
  { name: "jlam_diary_entries", help: "Days that members keep in their diaries.", of: (counts) => counts.entries },
];

/**
 * Adds what the platform is used for to the measurements. Every process tells the numbers of the whole platform, so a
 * query takes their maximum, not their sum. While they can't be read they are left out: an old number would look true.
 */
export function addPlatformMetrics(registry: Registry, read: () => Promise<PlatformCounts>, logger: Logger): void {
  let running: Promise<PlatformCounts | undefined> | undefined;
  const failed = (error: unknown): undefined => {
    logger.warn({ err: error }, "the platform's numbers can't be read; they are left out of the metrics");
  };
  // A scrape asks every gauge at the same moment; they share one answer.
  const current = (): Promise<PlatformCounts | undefined> => {
    running ??= read().catch(failed).finally(() => (running = undefined));
    return running;
  };

  for (const { name, help, of } of GAUGES) {
    new Gauge({
      name,
      help,
      labelNames: ["period"],
      registers: [registry],
      async collect() {
        this.reset();
        const counts = await current();
        if (counts === undefined) return;
        const value = of(counts);
        if (typeof value === "number") this.set(value);
        else for (const period of PERIODS) this.set({ period }, value[period]);
      },
    });
  }
}

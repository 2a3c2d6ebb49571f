/** What monitoring sees of the sets. Times are of sets that the bucket holds, so that a set that is gone is noticed. */
import { Gauge, Registry } from "prom-client";
import { openKeyring } from "./keys/keyring.ts";
import { listSets } from "./sets/list.ts";
import type { Settings } from "./settings.ts";
import { openStore } from "./store/store.ts";

export interface Metrics {
  ran(run: { readonly succeeded: boolean; readonly seconds: number }): void;
  /** Rejects when the store can't be asked: no answer is better than an old one. */
  text(): Promise<{ readonly contentType: string; readonly body: string }>;
}

/** Milliseconds for which an answer of the store is good: a scrape comes every 15 s, a set every day. */
const goodFor = 5 * 60_000;

export function createMetrics(settings: Settings): Metrics {
  const registry = new Registry();
  const gauge = (name: string, help: string) => new Gauge({ name: `jlam_backup_${name}`, help, registers: [registry] });
  const newest = gauge("newest_set_timestamp_seconds", "When the newest set that can be used was begun");
  const verified = gauge("newest_verified_set_timestamp_seconds", "When the newest set was begun that has been restored and found equal");
  const bytes = gauge("newest_set_bytes", "Size of the newest set that can be used");
  const unusable = gauge("unusable_sets", "Sets whose manifest is forged or damaged");
  const success = gauge("last_run_success", "Whether the last run of this process made a set");
  const seconds = gauge("last_run_seconds", "How long the last run of this process took");
  let askedAt = -Infinity;

  const ask = async (): Promise<void> => {
    const keyring = await openKeyring(settings.keys, new Date());
    const store = openStore(settings.store);
    try {
      const sets = await listSets(store, keyring);
      const usable = sets.filter((set) => set.kind === "set");
      const begun = (set: (typeof usable)[number] | undefined): number => (set === undefined ? 0 : new Date(set.manifest.startedAt).getTime() / 1000);
      newest.set(begun(usable[0]));
      verified.set(begun(usable.find(({ marker }) => marker !== undefined)));
      bytes.set(usable[0]?.manifest.objects.reduce((sum, object) => sum + object.bytes, 0) ?? 0);
      unusable.set(sets.length - usable.length);
      askedAt = performance.now();
    } finally {
      store.client.destroy();
      await keyring.close();
    }
  };

  return {
    ran: (run) => {
      success.set(run.succeeded ? 1 : 0);
      seconds.set(run.seconds);
      askedAt = -Infinity;
    },
    text: async () => {
      if (performance.now() - askedAt > goodFor) await ask();
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
  };
}

/** What monitoring sees of the sets. Times are of sets that the bucket holds, so that a set that is gone is noticed. */
import { Gauge, Registry } from "prom-client";
import { openKeyring } from "./keys/keyring.ts";
import type { PlanFile } from "./plan-file.ts";
import { newestReport } from "./sets/drills.ts";
import { listSets, type ListedSet } from "./sets/list.ts";
import type { Manifest } from "./sets/manifest.ts";
import type { Settings } from "./settings.ts";
import { allManifests, idOfRecord } from "./sets/names.ts";
import { listKeys, openStore } from "./store/store.ts";

export interface Metrics {
  /** Something was written: the next question goes to the store. */
  changed(): void;
  /** Rejects when the store can't be asked: no answer is better than an old one. */
  text(): Promise<{ readonly contentType: string; readonly body: string }>;
}

/** Milliseconds for which an answer of the store is good: a scrape comes every 15 s, a set every day. */
const goodFor = 5 * 60_000;

/** Everything of a plan that has series of its own: its id in sets, and the name by which monitoring knows it. */
export const measured = ({ databases, volumes }: Pick<PlanFile, "volumes"> & { readonly databases: readonly { readonly id: string }[] }) => [
  ...databases.map(({ id }) => ({ id, resource: id })),
  ...volumes.map(({ id, volume }) => ({ id, resource: volume })),
];

/** Names as monitoring knows them; `resource` is a database or volume that has a backup decision. */
export function createMetrics(settings: Settings): Metrics {
  const registry = new Registry();
  const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]) => new Gauge({ name: `backup_${name}`, help, labelNames, registers: [registry] });
  const success = gauge("last_success_timestamp_seconds", "When the newest usable set that holds it was begun; 0 when there is none", "resource");
  const verified = gauge("last_verified_timestamp_seconds", "When the newest set was begun that has been restored and found equal; 0 when there is none", "resource");
  const copied = gauge("last_copied_timestamp_seconds", "When the newest set was begun that the second region holds too; 0 when there is none", "resource");
  const bytes = gauge("size_bytes", "Its size in the newest usable set", "resource");
  const seconds = gauge("duration_seconds", "How long the newest usable set took, with everything in it", "resource");
  const drill = gauge("last_drill_timestamp_seconds", "When the newest drill began whose report is kept; 0 when there is none");
  const recovery = gauge("drill_recovery_seconds", "How long it took from the beginning to the first visitor's answer");
  const lost = gauge("drill_lost_seconds", "How much the newest drill would have lost");
  const unusable = gauge("unusable_sets", "Sets whose manifest is forged or damaged");
  const resources = measured(settings.plan);
  let askedAt = -Infinity;

  const tellSets = (sets: readonly ListedSet[], copies: ReadonlySet<string> | undefined): void => {
    const usable = sets.filter((set) => set.kind === "set");
    for (const { id, resource } of resources) {
      const holding = usable.filter(({ manifest }) => manifest.objects.some(({ of }) => of === id));
      const newest = holding[0]?.manifest;
      success.set({ resource }, begun(newest));
      verified.set({ resource }, begun(holding.find(({ marker }) => marker !== undefined)?.manifest));
      if (copies !== undefined) copied.set({ resource }, begun(holding.find(({ id }) => copies.has(id))?.manifest));
      if (newest === undefined) continue;
      bytes.set({ resource }, newest.objects.filter(({ of }) => of === id).reduce((sum, object) => sum + object.bytes, 0));
      seconds.set({ resource }, (Date.parse(newest.finishedAt) - Date.parse(newest.startedAt)) / 1000);
    }
    unusable.set(sets.length - usable.length);
  };

  const ask = async (): Promise<void> => {
    const keyring = await openKeyring(settings.keys, new Date());
    const store = openStore(settings.store);
    const second = settings.copy && openStore(settings.copy.store);
    try {
      const copies = second && new Set((await listKeys(second, allManifests)).flatMap((key) => idOfRecord(key) ?? []));
      tellSets(await listSets(store, keyring), copies);
      const report = await newestReport(store, keyring);
      drill.set(report === undefined ? 0 : Date.parse(report.startedAt) / 1000);
      if (report !== undefined) recovery.set(report.recoverySeconds);
      if (report !== undefined) lost.set(report.lostSeconds);
      askedAt = performance.now();
    } finally {
      store.client.destroy();
      second?.client.destroy();
      await keyring.close();
    }
  };

  return {
    changed: () => {
      askedAt = -Infinity;
    },
    text: async () => {
      if (performance.now() - askedAt > goodFor) await ask();
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
  };
}

const begun = (manifest: Manifest | undefined): number => (manifest === undefined ? 0 : Date.parse(manifest.startedAt) / 1000);

/** Reports of drills: signed and locked beside the sets, as evidence and for the numbers that alerts are made of. */
import { z } from "zod";
import type { Keyring, Signatures } from "../keys/keyring.ts";
import { listKeys, readText, writeOnce, type Store } from "../store/store.ts";
import { allDrills, drillKey } from "./names.ts";

export const drillReportSchema = z.strictObject({
  environment: z.string(),
  set: z.string(),
  revision: z.string(),
  startedAt: z.iso.datetime(),
  /** From the beginning to the first visitor's answer. */
  recoverySeconds: z.number().positive(),
  /** From the last snapshot of the set to the beginning: what would have been lost. */
  lostSeconds: z.number(),
  erasedAgain: z.number().int(),
  steps: z.array(z.strictObject({ step: z.string(), seconds: z.number(), found: z.string() })).min(1),
});
export type DrillReport = z.infer<typeof drillReportSchema>;

/** Milliseconds for which a report can't be deleted: two years, so that an audit of the year before finds every one. */
const kept = 2 * 365 * 86_400_000;

/** @throws BackupError when the store doesn't keep it */
export async function keepReport(store: Store, keyring: Keyring, report: DrillReport): Promise<void> {
  const began = new Date(report.startedAt);
  await writeOnce(store, drillKey(began), await keyring.sign(`${JSON.stringify(report, null, 2)}\n`), new Date(began.getTime() + kept));
}

/** The newest report that we signed; undefined when there is none. */
export async function newestReport(store: Store, signatures: Signatures): Promise<DrillReport | undefined> {
  for (const key of [...(await listKeys(store, allDrills))].reverse()) {
    const signed = await readText(store, key);
    const report = await signatures.verify(signed ?? "").then((text) => drillReportSchema.safeParse(JSON.parse(text)).data, () => undefined);
    if (report !== undefined) return report;
  }
  return undefined;
}

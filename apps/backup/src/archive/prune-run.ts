/** Prunes the archives of the plan: opens what it takes, and closes it again. */
import { openSignatures } from "../keys/keyring.ts";
import type { Settings } from "../settings.ts";
import { openStore } from "../store/store.ts";
import { pruneArchives, type PrunedArchive } from "./prune.ts";

/** Rejects when the store can't be asked; refusals of the store are part of the result. */
export async function pruneAllArchives({ keys, store: address, plan }: Settings, now: Date): Promise<readonly PrunedArchive[]> {
  const signatures = await openSignatures(keys.signing, now);
  const store = openStore(address);
  try {
    const done: PrunedArchive[] = [];
    for (const { database, keepSeconds } of plan.streams) done.push(...(await pruneArchives(store, signatures, database, now, keepSeconds)));
    return done;
  } finally {
    store.client.destroy();
    await signatures.close();
  }
}

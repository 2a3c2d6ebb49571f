/** Prunes the archives of the plan with the pruner's own login, which reads records and nothing that they are of. */
import { openSignatures } from "../keys/keyring.ts";
import type { PrunerSettings } from "../settings.ts";
import { openStore } from "../store/store.ts";
import { pruneArchives, type PrunedArchive } from "./prune.ts";

/** Rejects when the store can't be asked; refusals of the store are part of the result. */
export async function pruneAllArchives({ signer, store: address, streams }: PrunerSettings, now: Date): Promise<readonly PrunedArchive[]> {
  const signatures = await openSignatures(signer, now);
  const store = openStore(address);
  try {
    const done: PrunedArchive[] = [];
    for (const { database, keepSeconds } of streams) done.push(...(await pruneArchives(store, signatures, database, now, keepSeconds)));
    return done;
  } finally {
    store.client.destroy();
    await signatures.close();
  }
}

/** Prunes by the engine's settings: opens what it takes, and closes it again. */
import { openKeyring } from "../keys/keyring.ts";
import type { Settings } from "../settings.ts";
import { openStore } from "../store/store.ts";
import { listSets } from "./list.ts";
import { prune, type Pruned } from "./prune.ts";

/** Rejects when the store can't be asked; refusals of the store are part of the result. */
export async function pruneSets({ keys, store: address, plan }: Settings, now: Date): Promise<Pruned> {
  const keyring = await openKeyring(keys, now);
  const store = openStore(address);
  try {
    return await prune(store, await listSets(store, keyring), now, plan.keepSeconds);
  } finally {
    store.client.destroy();
    await keyring.close();
  }
}

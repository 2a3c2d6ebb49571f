/** Prunes both regions with the pruner's own logins: the first one only as far as the second holds what is newer. */
import { openSignatures } from "../keys/keyring.ts";
import type { PrunerSettings } from "../settings.ts";
import { openStore, type Store } from "../store/store.ts";
import { decidePrune, prune, type PruneDecision, type Pruned } from "./prune.ts";
import { listRecords, type SetRecord } from "./records.ts";

export interface PrunedRegion extends Pruned {
  readonly region: "first" | "second";
}

/** Rejects when a store can't be asked; refusals of a store are part of the result. */
export async function pruneSets({ signer, store: address, copy, keepSeconds }: PrunerSettings, now: Date): Promise<readonly PrunedRegion[]> {
  const signatures = await openSignatures(signer, now);
  const stores: Store[] = [];
  const open = (of: PrunerSettings["store"]): Store => {
    const store = openStore(of);
    stores.push(store);
    return store;
  };
  try {
    const first = open(address);
    const sets = await listRecords(first, signatures);
    const decision = decidePrune(sets, now, keepSeconds);
    if (copy === undefined) return [{ region: "first", ...(await prune(first, sets, decision, now, keepSeconds)) }];
    const second = open(copy.store);
    const copies = await listRecords(second, signatures);
    return [
      { region: "first", ...(await prune(first, sets, unlessAlone(decision, sets, copies), now, keepSeconds)) },
      { region: "second", ...(await prune(second, copies, decidePrune(copies, now, copy.keepSeconds), now, copy.keepSeconds)) },
    ];
  } finally {
    for (const { client } of stores) client.destroy();
    await signatures.close();
  }
}

/** As long as the second region lacks the newest verified set, or doesn't know that it is, the older ones stay too. Pure. */
export function unlessAlone(decision: PruneDecision, sets: readonly SetRecord[], copies: readonly SetRecord[]): PruneDecision {
  const newest = sets.find(({ marker }) => marker !== undefined);
  if (decision.remove.length === 0 || newest === undefined) return decision;
  if (copies.some(({ id, marker }) => id === newest.id && marker !== undefined)) return decision;
  return { remove: [], because: `the second region doesn't hold ${newest.id}, the newest verified set` };
}

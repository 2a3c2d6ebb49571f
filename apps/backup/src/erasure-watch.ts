/** Keeps the bucket's list of who was erased as long as the database's own. */
import { openKeyring } from "./keys/keyring.ts";
import { keepErasures, lookUpErasures } from "./sets/erasures.ts";
import type { Settings } from "./settings.ts";
import { openStore, prepareBucket } from "./store/store.ts";

/**
 * Looks at every application's list, and keeps those that have changed since this was last asked; the first time, all
 * that are not empty. Rejects when a database or the store can't be reached; the next look makes up for it.
 */
export function watchErasures({ plan, keys, store: address }: Settings): () => Promise<readonly string[]> {
  const known = new Map<string, string>();
  return async () => {
    const kept: string[] = [];
    for (const { database, erasures } of plan.applications) {
      const login = plan.databases.find(({ id }) => id === database);
      if (login === undefined) continue;
      const lines = await lookUpErasures(login, erasures);
      const text = lines.join("\n");
      if (text === (known.get(database) ?? "")) continue;
      const keyring = await openKeyring(keys, new Date());
      const store = openStore(address);
      try {
        await prepareBucket(store);
        await keepErasures(store, keyring, database, lines, new Date(), plan.keepSeconds);
      } finally {
        store.client.destroy();
        await keyring.close();
      }
      known.set(database, text);
      kept.push(database);
    }
    return kept;
  };
}

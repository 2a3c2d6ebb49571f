import type { Adapter, AdapterPayload } from "oidc-provider";

/** What every provider here keeps together: sessions, grants, codes and tokens, until they are too old. */
export interface Store {
  /** oidc-provider's own interface to it, for one kind of thing. */
  adapter(kind: string): Adapter;
  find(kind: string, id: string): AdapterPayload | undefined;
  sessionsOf(uuid: string): readonly AdapterPayload[];
  /** Forgets everything that was kept about an account, so that its sessions are over. */
  forgetAccount(uuid: string): void;
}

interface Entry {
  readonly kind: string;
  readonly payload: AdapterPayload;
  /** In milliseconds since 1970. */
  readonly until: number;
}

/** A store in memory. What is too old goes when something new comes. */
export function createStore(): Store {
  const entries = new Map<string, Entry>();
  const place = (kind: string, id: string): string => `${kind}:${id}`;

  const find: Store["find"] = (kind, id) => {
    const entry = entries.get(place(kind, id));
    return entry === undefined || entry.until <= Date.now() ? undefined : entry.payload;
  };
  const forget = (unwanted: (entry: Entry) => boolean): void => {
    for (const [key, entry] of entries) if (unwanted(entry)) entries.delete(key);
  };
  const findBy = (kind: string, field: "uid" | "userCode", value: string): AdapterPayload | undefined =>
    [...entries.values()].find((entry) => entry.kind === kind && entry.payload[field] === value && entry.until > Date.now())?.payload;

  return {
    find,
    adapter: (kind) => ({
      upsert(id, payload, expiresIn) {
        forget(({ until }) => until <= Date.now());
        entries.set(place(kind, id), { kind, payload, until: expiresIn === undefined ? Infinity : Date.now() + expiresIn * 1000 });
        return Promise.resolve();
      },
      find: (id) => Promise.resolve(find(kind, id)),
      findByUid: (uid) => Promise.resolve(findBy(kind, "uid", uid)),
      findByUserCode: (userCode) => Promise.resolve(findBy(kind, "userCode", userCode)),
      consume(id) {
        const payload = find(kind, id);
        if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1000);
        return Promise.resolve();
      },
      destroy(id) {
        entries.delete(place(kind, id));
        return Promise.resolve();
      },
      revokeByGrantId(grantId) {
        forget((entry) => entry.kind !== "Grant" && entry.payload.grantId === grantId);
        return Promise.resolve();
      },
    }),
    sessionsOf: (uuid) => [...entries.values()].filter(({ kind, payload }) => kind === "Session" && payload.accountId === uuid).map(({ payload }) => payload),
    forgetAccount: (uuid) => forget(({ payload }) => payload.accountId === uuid),
  };
}

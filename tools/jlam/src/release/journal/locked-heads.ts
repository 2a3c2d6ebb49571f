/**
 * The second home of journals' heads: the environment's bucket, where an object is locked for its time, so that nobody
 * can take it away or write it anew, whoever deploys and the keys of the bucket included.
 */
import { listKeptKeys, openStore, readText, writeOnce, type Store } from "@jlam/backup/store";
import { resourceId, type ResolvedEnvironment } from "@jlam/compose-dsl";
import { valuesOf, type ValueAccess } from "../../secrets/values.ts";
import { PersonError } from "../../terminal/failure.ts";
import type { Broken, JournalHead } from "./journal.ts";

/** A head as it was signed. */
export interface SignedHead {
  /** The head's file, which the signature is over. */
  readonly text: string;
  readonly signature: string;
}

export interface LockedHeads {
  /** Keeps a head for good. The same one again changes nothing. @throws BackupError where the bucket doesn't hold it afterwards */
  readonly keep: (head: JournalHead, signed: SignedHead) => Promise<void>;
  /** Every head that was ever kept, the shortest journal's first. */
  readonly all: () => Promise<readonly JournalHead[]>;
}

/** Days that a head stays: longer than a year, so that a yearly audit finds all since the one before. */
const lockedDays = 400;
const msPerDay = 86_400_000;

/** Heads of an environment in a bucket that locks. `now` is when they are kept. */
export function lockedHeads(store: Store, environment: string, now: () => Date = () => new Date()): LockedHeads {
  const prefix = `journal-heads/${environment}/`;
  // The name says it all: a journal that was written anew gets a head beside the true one, and can't take its place.
  const keyOf = ({ entries, hash }: JournalHead): string => `${prefix}${String(entries).padStart(9, "0")}-${hash.slice("sha256:".length)}.json`;
  return {
    async keep(head, { text, signature }) {
      const key = keyOf(head);
      if ((await readText(store, key)) !== undefined) return;
      await writeOnce(store, key, JSON.stringify({ text, signature }), new Date(now().getTime() + lockedDays * msPerDay));
    },
    async all() {
      return (await listKeptKeys(store, prefix)).flatMap((key) => {
        const [, entries, hash] = /^(\d+)-([0-9a-f]{64})\.json$/.exec(key.slice(prefix.length)) ?? [];
        return entries === undefined || hash === undefined ? [] : [{ environment, entries: Number(entries), hash: `sha256:${hash}` as const }];
      });
    },
  };
}

/** Milliseconds for one question to the bucket: a deploy has ended when its head is kept, and somebody waits. */
const timeout = 10_000;

/**
 * The locked heads of an environment that has a bucket elsewhere; undefined for one that has none.
 * @throws PersonError where its key can't be opened
 */
export async function lockedHeadsOf(environment: ResolvedEnvironment, access: ValueAccess): Promise<LockedHeads | undefined> {
  const found = [...environment.providers.values()].find(({ provides, binding }) => provides.kind === "objectStore" && binding.address.kind === "outside");
  if (found?.binding.address.kind !== "outside") return undefined;
  const { address, facts, tls, user } = found.binding;
  const secretKey = (await valuesOf(environment, access)).get(`${resourceId(found.provides)}.writer`);
  if (secretKey === undefined) throw new PersonError(`The key to the bucket of ${environment.name} isn't among its secrets.`, { fix: `\`jlam secrets set ${environment.name} ${resourceId(found.provides)}.writer\`` });
  const url = `${tls.kind === "off" ? "http" : "https"}://${address.host}:${address.port}`;
  return lockedHeads(openStore({ url, bucket: facts["bucket"] ?? "", region: facts["region"] ?? "", accessKey: user("writer") ?? "", secretKey, timeout }), environment.name);
}

/** What the locked heads have against a journal: the first that it doesn't go through; undefined where it goes through all. */
export function contradictionOf(heads: readonly JournalHead[], entries: readonly { readonly hash: string }[]): Broken | undefined {
  const against = heads.find(({ entries: count, hash }) => count > 0 && entries[count - 1]?.hash !== hash);
  if (against === undefined) return undefined;
  const why = against.entries > entries.length ? `the bucket has a head after ${against.entries} entries: what came after ${entries.length} was cut off` : "it isn't the entry that a head in the bucket names: the journal was written anew up to here";
  return { entry: Math.min(against.entries, entries.length + 1), why };
}

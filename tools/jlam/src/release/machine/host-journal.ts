/** An environment's journal on its host: read once, added to line by line by whoever holds the lock. */
import type { Host } from "../host/host.ts";
import type { EntryFacts, JournalEntry } from "../journal/entry.ts";
import { appendEntry, headOf, readJournal, type Broken, type JournalHead } from "../journal/journal.ts";

export interface HostJournal {
  readonly entries: () => readonly JournalEntry[];
  readonly head: () => JournalHead;
  /** Writes entries, or throws: then none of them is there. @throws LockTaken, HostFailure */
  readonly write: (facts: readonly EntryFacts[]) => Promise<void>;
}

/** The journal is not what was written: nothing may be built on it. */
export class BrokenJournal extends Error {
  override readonly name = "BrokenJournal";
  readonly broken: Broken;

  constructor(broken: Broken) {
    super(broken.why);
    this.broken = broken;
  }
}

/**
 * Reads the journal under the lock. A last line that a crash cut is taken away first: its step is begun anew.
 * @throws BrokenJournal where the chain is broken, or isn't the one that `known`, a head kept off the host, belongs to
 */
export async function openJournal(host: Host, token: number, environment: string, known?: JournalHead): Promise<HostJournal> {
  const found = await host.journal();
  const wasCut = found !== "" && !found.endsWith("\n");
  if (wasCut) await host.mendJournal(token);
  const text = wasCut ? await host.journal() : found;
  const { entries, broken } = readJournal(environment, text, known);
  if (broken) throw new BrokenJournal(broken);
  const all = [...entries];
  let head = headOf(environment, all);
  let size = Buffer.byteLength(text);
  return {
    entries: () => all,
    head: () => head,
    async write(facts) {
      let next = head;
      const added = facts.map((one) => {
        const appended = appendEntry(next, one);
        next = appended.head;
        return appended;
      });
      const lines = added.map(({ line }) => line).join("");
      await host.append(token, size, lines);
      size += Buffer.byteLength(lines);
      head = next;
      all.push(...added.map(({ entry }) => entry));
    },
  };
}

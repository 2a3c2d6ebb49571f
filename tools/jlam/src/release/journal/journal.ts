/**
 * A journal is a text of JSON lines, each with the hash of the one before it. Whoever changes, removes or inserts a line
 * breaks the chain at that line; whoever cuts lines off the end, or writes the whole anew, differs from the head that is
 * kept elsewhere. Everything here is pure: reading and writing the file is the host's.
 */
import { z } from "zod";
import { canonicalFile, canonicalJson, hashOf, hashSchema, type Hash } from "../record/canonical.ts";
import { entrySchema, type EntryFacts, type JournalEntry } from "./entry.ts";

/** What the first entry names as the one before it. */
const beginning: Hash = hashOf("the beginning of a journal of JLAM");

/** How far a journal goes. Kept off the host, it proves that nothing up to there was changed or cut off. */
export const headSchema = z.readonly(z.object({ environment: z.string(), entries: z.int().nonnegative(), hash: hashSchema }));
export type JournalHead = z.infer<typeof headSchema>;

export const emptyHead = (environment: string): JournalHead => ({ environment, entries: 0, hash: beginning });

/** The head after these entries; `emptyHead` after none. */
export const headOf = (environment: string, entries: readonly JournalEntry[]): JournalHead => {
  const last = entries.at(-1);
  return last ? { environment, entries: last.number, hash: last.hash } : emptyHead(environment);
};

/** The head as a file of the release repository. */
export const headFile = (head: JournalHead): string => canonicalFile(head);

/** @throws Error where the text is no head */
export const readHead = (text: string): JournalHead => headSchema.parse(JSON.parse(text));

export interface Appended {
  readonly entry: JournalEntry;
  /** What is added to the file: one line with its newline. */
  readonly line: string;
  readonly head: JournalHead;
}

/**
 * The next entry after `head`, with its line and the new head.
 * @throws RangeError for an entry of another environment
 */
export function appendEntry(head: JournalHead, facts: EntryFacts): Appended {
  if (facts.environment !== head.environment) throw new RangeError(`an entry of ${facts.environment} can't follow in the journal of ${head.environment}`);
  const unhashed = { ...facts, number: head.entries + 1, previous: head.hash };
  const entry: JournalEntry = { ...unhashed, hash: entryHash(unhashed) };
  return { entry, line: `${canonicalJson(entry)}\n`, head: { environment: head.environment, entries: entry.number, hash: entry.hash } };
}

const entryHash = (entry: Omit<JournalEntry, "hash">): Hash => hashOf(canonicalJson(entry));

/** What breaks a journal, at which entry (counting from 1). */
export interface Broken {
  readonly entry: number;
  readonly why: string;
}

/** A journal as it was read: its entries as far as they can be trusted, and what is wrong with the next one. */
export interface ReadJournal {
  readonly entries: readonly JournalEntry[];
  /** Undefined: the chain is whole. */
  readonly broken: Broken | undefined;
}

/**
 * Reads a journal up to its first broken entry. With `known`, a head that was kept elsewhere, the journal must also
 * contain that very entry; more entries may follow it.
 *
 * A last line without its newline is a write that was cut off by a crash. It counts as broken, unless `known` proves
 * that everything before it is all there ever was.
 */
export function readJournal(environment: string, text: string, known?: JournalHead): ReadJournal {
  const entries: JournalEntry[] = [];
  for (const line of lines(text)) {
    const number = entries.length + 1;
    const read = readLine(line, environment, headOf(environment, entries));
    if (typeof read === "string") return { entries, broken: { entry: number, why: read } };
    entries.push(read);
    if (known?.entries === number && known.hash !== read.hash) {
      return { entries: entries.slice(0, -1), broken: { entry: number, why: "it isn't the entry that the head kept off the host names: the journal was written anew up to here" } };
    }
  }
  if (known && known.entries > entries.length) {
    return { entries, broken: { entry: entries.length + 1, why: `the head kept off the host says that there were ${known.entries} entries; ${known.entries - entries.length} were cut off` } };
  }
  return { entries, broken: undefined };
}

/** Lines with what ends them; a text that doesn't end in a newline has a last line without one. */
const lines = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** The entry that a line holds, or why it isn't the one that follows. */
function readLine(line: string, environment: string, before: JournalHead): JournalEntry | string {
  if (!line.endsWith("\n")) return "its line has no end: writing it was interrupted, or somebody cut it";
  const entry = parse(line);
  if (!entry) return "it can't be understood";
  const { hash, ...unhashed } = entry;
  if (line !== `${canonicalJson(entry)}\n` || entryHash(unhashed) !== hash) return "its content was changed: it doesn't have the hash that it says";
  if (entry.environment !== environment) return `it belongs to ${entry.environment}`;
  if (entry.number !== before.entries + 1) return `it says it is entry ${entry.number}: some were removed or inserted before it`;
  return entry.previous === before.hash ? entry : "it doesn't follow the entry before it: one of the two was replaced";
}

function parse(line: string): JournalEntry | undefined {
  try {
    return entrySchema.strict().parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

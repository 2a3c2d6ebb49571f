import type { Fact, Facts, Item, Items } from "./picture.ts";

/** One fact that differs. Undefined `before`: added; undefined `after`: removed. Lists hold only what differs. */
export interface Change {
  readonly facet: string;
  readonly key: string;
  readonly before: Fact | undefined;
  readonly after: Fact | undefined;
}

export interface SectionDiff {
  readonly added: readonly { readonly name: string; readonly summary: string }[];
  readonly removed: readonly { readonly name: string; readonly summary: string }[];
  readonly changed: readonly { readonly name: string; readonly changes: readonly Change[] }[];
  /** How many are the same on both sides. */
  readonly same: number;
}

/** How a text is read before it is compared, so that names that must differ between environments don't count. */
export type Reading = (text: string) => string;

export interface Readings {
  readonly before: Reading;
  readonly after: Reading;
}

/** Nothing is read otherwise than it stands. */
export const literally: Readings = { before: (text) => text, after: (text) => text };

/** Compares things by name, in the order of their names. */
export function compareItems(before: Items, after: Items, readings: Readings): SectionDiff {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const added: SectionDiff["added"][number][] = [];
  const removed: SectionDiff["removed"][number][] = [];
  const changed: SectionDiff["changed"][number][] = [];
  for (const name of names) {
    const [old, current] = [before[name], after[name]];
    if (!old && current) added.push({ name, summary: current.summary });
    else if (old && !current) removed.push({ name, summary: old.summary });
    else if (old && current) {
      const changes = compareItem(old, current, readings);
      if (changes.length > 0) changed.push({ name, changes });
    }
  }
  return { added, removed, changed, same: names.length - added.length - removed.length - changed.length };
}

function compareItem(before: Item, after: Item, readings: Readings): readonly Change[] {
  const facets = [...new Set([...Object.keys(before.facets), ...Object.keys(after.facets)])];
  return facets.flatMap((facet) => compareFacts(facet, before.facets[facet] ?? {}, after.facets[facet] ?? {}, readings));
}

/** The facts of one facet that differ, in the order in which they stand. */
export function compareFacts(facet: string, before: Facts, after: Facts, readings: Readings): readonly Change[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key) => {
    const change = compareFact(before[key], after[key], readings);
    return change ? [{ facet, key, ...change }] : [];
  });
}

function compareFact(before: Fact | undefined, after: Fact | undefined, readings: Readings): Pick<Change, "before" | "after"> | undefined {
  if (before === undefined || after === undefined) return before === after ? undefined : { before, after };
  if (typeof before === "string" && typeof after === "string") {
    return before === after || readings.before(before) === readings.after(after) ? undefined : { before, after };
  }
  const [old, current] = [texts(before), texts(after)];
  const [oldRead, currentRead] = [read(old, current, readings.before), read(current, old, readings.after)];
  if (oldRead.join("\n") === currentRead.join("\n")) return undefined;
  const lost = without(old, oldRead, currentRead);
  const gained = without(current, currentRead, oldRead);
  return lost.length === 0 && gained.length === 0 ? { before: old, after: current } : { before: lost, after: gained };
}

const texts = (fact: Fact): readonly string[] => (typeof fact === "string" ? [fact] : fact);

/** Each text as `reading` has it, unless the other side has it literally. */
function read(all: readonly string[], others: readonly string[], reading: Reading): readonly string[] {
  const literal = new Set(others);
  return all.map((text) => (literal.has(text) ? text : reading(text)));
}

/** Members of `all` whose reading isn't in `others`, counting repetitions. */
function without(all: readonly string[], read: readonly string[], others: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const other of others) counts.set(other, (counts.get(other) ?? 0) + 1);
  return all.filter((_, index) => {
    const text = read[index] ?? "";
    const left = counts.get(text) ?? 0;
    counts.set(text, left - 1);
    return left <= 0;
  });
}

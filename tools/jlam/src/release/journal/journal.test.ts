import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { entryFacts, sampleJournal, sampleRelease } from "../sample.fixture.ts";
import { appendEntry, emptyHead, headFile, headOf, readHead, readJournal } from "./journal.ts";

const release = sampleRelease(1);
const journalOf = (length: number) => sampleJournal("staging", Array.from({ length }, (_, index) => entryFacts(release, { run: `run ${index}`, evidence: { index } })));
const linesOf = (text: string): readonly string[] => text.split("\n").slice(0, -1).map((line) => `${line}\n`);

describe("a journal", () => {
  test("is read as the entries that were appended", () => {
    const { text, entries } = journalOf(3);
    expect(readJournal("staging", text)).toEqual({ entries, broken: undefined });
  });

  test("that was never written is whole and empty", () => {
    expect(readJournal("staging", "")).toEqual({ entries: [], broken: undefined });
  });

  test("takes no entry of another environment", () => {
    expect(() => appendEntry(emptyHead("production"), entryFacts(release))).toThrow("can't follow in the journal of production");
  });

  test("goes on after the head that it was read up to", () => {
    const { text, entries } = journalOf(2);
    const more = appendEntry(headOf("staging", entries), entryFacts(release));
    expect(readJournal("staging", text + more.line).broken).toBeUndefined();
  });

  test("whose last line was cut off by a crash is broken there, and whole before it", () => {
    const { text, entries } = journalOf(3);
    const read = readJournal("staging", text.slice(0, -5));
    expect(read.entries).toEqual(entries.slice(0, 2));
    expect(read.broken).toMatchObject({ entry: 3, why: expect.stringContaining("no end") });
  });
});

describe("whoever changes a journal is found", () => {
  const lengths = fc.integer({ min: 2, max: 12 });
  const place = (length: number) => fc.integer({ min: 0, max: length - 1 });
  const always = (holds: (lines: readonly string[], at: number) => void): void =>
    fc.assert(fc.property(lengths.chain((length) => fc.tuple(fc.constant(length), place(length))), ([length, at]) => holds(linesOf(journalOf(length).text), at)), { numRuns: 60 });

  test("at the very entry whose content was edited", () => {
    always((lines, at) => {
      const edited = lines.with(at, (lines[at] ?? "").replace('"who":"ci@example.nl"', '"who":"me@example.nl"'));
      expect(readJournal("staging", edited.join("")).broken?.entry).toBe(at + 1);
    });
  });

  test("at the entry after one that was edited and hashed anew", () => {
    const { entries, text } = journalOf(5);
    const forged = appendEntry(headOf("staging", entries.slice(0, 2)), entryFacts(release, { who: "me@example.nl" }));
    const lines = linesOf(text).with(2, forged.line);
    expect(readJournal("staging", lines.join("")).broken).toEqual({ entry: 4, why: "it doesn't follow the entry before it: one of the two was replaced" });
  });

  test("where an entry was removed, unless it was the last", () => {
    always((lines, at) => {
      const { broken } = readJournal("staging", lines.toSpliced(at, 1).join(""));
      expect(broken?.entry).toBe(at === lines.length - 1 ? undefined : at + 1);
    });
  });

  test("where one was inserted a second time", () => {
    always((lines, at) => {
      expect(readJournal("staging", lines.toSpliced(at, 0, lines[at] ?? "").join("")).broken?.entry).toBe(at + 2);
    });
  });

  test("where two changed places", () => {
    always((lines, at) => {
      if (at + 1 < lines.length) expect(readJournal("staging", lines.with(at, lines[at + 1] ?? "").with(at + 1, lines[at] ?? "").join("")).broken?.entry).toBe(at + 1);
    });
  });

  test("by a single changed character, wherever it is", () => {
    const { text } = journalOf(4);
    fc.assert(fc.property(fc.integer({ min: 0, max: text.length - 1 }), fc.constantFrom("x", "0", "}", '"', "\n", " "), (at, character) => {
      if (text[at] === character) return;
      expect(readJournal("staging", text.slice(0, at) + character + text.slice(at + 1)).broken).toBeDefined();
    }));
  });
});

describe("the head that is kept off the host", () => {
  test("is read as it was written", () => {
    const head = headOf("staging", journalOf(3).entries);
    expect(readHead(headFile(head))).toEqual(head);
  });

  test("tells that entries were cut off the end", () => {
    const { text, entries } = journalOf(5);
    const head = headOf("staging", entries);
    expect(readJournal("staging", linesOf(text).slice(0, 3).join(""), head).broken).toMatchObject({ entry: 4, why: expect.stringContaining("2 were cut off") });
    expect(readJournal("staging", "", head).broken).toMatchObject({ entry: 1 });
  });

  test("tells that a journal was written anew", () => {
    const head = headOf("staging", journalOf(3).entries);
    const forged = sampleJournal("staging", Array.from({ length: 4 }, () => entryFacts(release, { who: "me@example.nl" }))).text;
    expect(readJournal("staging", forged, head).broken).toMatchObject({ entry: 3, why: expect.stringContaining("written anew") });
  });

  test("has nothing against entries that came later", () => {
    const { text, entries } = journalOf(5);
    expect(readJournal("staging", text, headOf("staging", entries.slice(0, 2))).broken).toBeUndefined();
  });
});

import { describe, expect, test } from "vitest";
import { differences, type Content } from "./content.ts";

const source: Content = {
  tables: [{ name: "public.member", rows: "2", hash: "17" }, { name: "public.note", rows: "0", hash: "0" }],
  sequences: [{ name: "public.member_id_seq", last: "2" }],
  extensions: [{ name: "plpgsql", version: "1.0" }],
  largeObjects: "0",
};

describe("a copy", () => {
  test("that is equal differs in nothing", () => {
    expect(differences(source, structuredClone(source))).toEqual([]);
  });

  test("whose sequence is further differs in nothing: others counted on while the dump began", () => {
    expect(differences(source, { ...source, sequences: [{ name: "public.member_id_seq", last: "10" }] })).toEqual([]);
  });

  test.each<[string, Content, RegExp]>([
    ["has as many rows, but others", { ...source, tables: [{ name: "public.member", rows: "2", hash: "18" }, ...source.tables.slice(1)] }, /the table public\.member differs/],
    ["lacks rows", { ...source, tables: [{ name: "public.member", rows: "1", hash: "17" }, ...source.tables.slice(1)] }, /the table public\.member differs/],
    ["lacks an empty table", { ...source, tables: source.tables.slice(0, 1) }, /the table public\.note is missing/],
    ["has a table of its own", { ...source, tables: [...source.tables, { name: "public.other", rows: "0", hash: "0" }] }, /the table public\.other is new/],
    ["counts from the beginning again", { ...source, sequences: [{ name: "public.member_id_seq", last: null }] }, /the sequence public\.member_id_seq differs/],
    ["would give numbers that are taken", { ...source, sequences: [{ name: "public.member_id_seq", last: "1" }] }, /the sequence public\.member_id_seq differs/],
    ["lacks a sequence", { ...source, sequences: [] }, /the sequence public\.member_id_seq is missing/],
    ["has an older extension", { ...source, extensions: [{ name: "plpgsql", version: "0.9" }] }, /the extension plpgsql differs/],
    ["has a large object of its own", { ...source, largeObjects: "1" }, /0 large objects became 1/],
  ])("that %s is found out", (_what, copy, found) => {
    expect(differences(source, copy)).toEqual([expect.stringMatching(found)]);
  });
});

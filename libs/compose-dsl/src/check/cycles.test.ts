import { describe, expect, it } from "vitest";
import { cycles } from "./cycles.ts";

const graph = (edges: Readonly<Record<string, readonly string[]>>): ReadonlyMap<string, readonly string[]> => new Map(Object.entries(edges));

describe("cycles", () => {
  it("finds none in a graph that ends", () => {
    expect(cycles(graph({ a: ["b", "c"], b: ["d"], c: ["d"], d: [] }))).toEqual([]);
  });

  it("begins at the alphabetically first node, whichever is declared first", () => {
    expect(cycles(graph({ c: ["a"], a: ["b"], b: ["c"] }))).toEqual([["a", "b", "c", "a"]]);
  });

  it("finds a node that leads to itself", () => {
    expect(cycles(graph({ a: ["a"] }))).toEqual([["a", "a"]]);
  });

  it("tells each group of cycles once, by its shortest way back", () => {
    expect(cycles(graph({ a: ["b"], b: ["c", "a"], c: ["a"], x: ["y"], y: ["x"], lead: ["a"] }))).toEqual([["a", "b", "a"], ["x", "y", "x"]]);
  });

  it("follows edges to nodes that the graph doesn't list", () => {
    expect(cycles(graph({ a: ["gone"] }))).toEqual([]);
  });

  it("walks a chain of 100,000 without running out of stack", () => {
    const chain = new Map(Array.from({ length: 100_000 }, (_, index) => [String(index), [String((index + 1) % 100_000)]]));
    expect(cycles(chain)[0]).toHaveLength(100_001);
  });
});

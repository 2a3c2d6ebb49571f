import { describe, expect, test } from "vitest";
import { askedDiff } from "./asked.ts";

const known = ["production", "staging"];

describe("what diff is asked", () => {
  test("two environments", () => {
    expect(askedDiff(["staging", "production"], undefined, known)).toEqual({ kind: "environments", before: "staging", after: "production" });
  });

  test.each<readonly [string, readonly string[], string | undefined, string, string | undefined]>([
    ["a revision with dots", ["main.."], undefined, "main", undefined],
    ["a revision with dots and an environment, in any order", ["production", "main.."], undefined, "main", "production"],
    ["--since", [], "v1.4", "v1.4", undefined],
    ["an environment alone, since the last commit", ["staging"], undefined, "HEAD", "staging"],
    ["nothing, everything since the last commit", [], undefined, "HEAD", undefined],
  ])("%s", (_, words, since, revision, environment) => {
    expect(askedDiff(words, since, known)).toEqual({ kind: "since", revision, environment });
  });

  test.each<readonly [string, readonly string[], string | undefined, string]>([
    ["an unknown environment is refused, with the nearest", ["stagin", "production"], undefined, 'There is no environment "stagin".'],
    ["three names are too many", ["staging", "production", "staging"], undefined, "That are too many names."],
    ["a revision and two environments are too many", ["staging", "production"], "main", "That are too many names."],
    ["two revisions are refused", ["main.."], "v1", "Both --since v1 and main.. name a revision."],
  ])("%s", (_, words, since, message) => {
    expect(() => askedDiff(words, since, known)).toThrow(message);
  });
});

import { expect, test } from "vitest";
import { ago, idsOf, namedOf } from "./restore.ts";

test("a database or volume is meant by its name and by its id alike", () => {
  const ids = idsOf({ databases: ["app", "postgres-auth"], volumes: ["files", "volume-photos"] });
  expect(ids).toEqual(["postgres-app", "postgres-auth", "volume-files", "volume-photos"]);
  expect(ids.map(namedOf).map(({ kind, name }) => `${kind} ${name}`)).toEqual(["database app", "database auth", "volume files", "volume photos"]);
});

test.each([
  [20, "less than a minute ago"],
  [70, "a minute ago"],
  [7_100, "118 minutes ago"],
  [3 * 3_600, "3 hours ago"],
  [50 * 3_600, "2 days ago"],
])("%i seconds are told as %s", (seconds, words) => {
  expect(ago(new Date(Date.now() - seconds * 1000))).toBe(words);
});

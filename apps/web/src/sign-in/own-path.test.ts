import { expect, test } from "vitest";

import { ownPath } from "./own-path.ts";

test.each(["/", "/account", "/dagboek/2026-11-22"])("%s is a page of this site", (path) => {
  expect(ownPath(path, "/otherwise")).toBe(path);
});

test.each([
  "//evil.example",
  "/\\evil.example",
  "\\\\evil.example",
  "https://evil.example",
  "https:evil.example",
  "javascript:alert(1)",
  "/%2f%2fevil.example",
  "%2f%2fevil.example",
  "/%5cevil.example",
  "/\t/evil.example",
  "/\n/evil.example",
  "/.//evil.example",
  "/..;/evil",
  "/@evil.example",
  "/account\n",
  "account",
  "",
  `/${"a".repeat(300)}`,
  ["/account"],
  undefined,
])("%j is none, so the way back ends at the page for that", (path) => {
  expect(ownPath(path, "/otherwise")).toBe("/otherwise");
});

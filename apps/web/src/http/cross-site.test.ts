import { randomBytes } from "node:crypto";

import { expect, test } from "vitest";

import { formToken, isFormToken } from "./cross-site.ts";

test("a token is good for its session only, and for its key only", () => {
  const key = randomBytes(32);
  const token = formToken(key, "session-a");
  expect(isFormToken(key, "session-a", token)).toBe(true);
  expect(isFormToken(key, "session-b", token)).toBe(false);
  expect(isFormToken(randomBytes(32), "session-a", token)).toBe(false);
});

test("a token is never the same twice, so that the length of a compressed page tells nothing about it", () => {
  const key = randomBytes(32);
  const [one, two] = [formToken(key, "session-a"), formToken(key, "session-a")];
  expect(one.slice(0, 43)).not.toBe(two.slice(0, 43));
  expect(one.slice(43)).not.toBe(two.slice(43));
  expect(isFormToken(key, "session-a", one) && isFormToken(key, "session-a", two)).toBe(true);
});

test.each(["", "x", "é".repeat(43), "A".repeat(86), "A".repeat(43)])("%j is no token, and no error either", (given) => {
  expect(isFormToken(randomBytes(32), "session-a", given)).toBe(false);
});

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

test.each(["", "x", "é".repeat(43)])("%j is no token, and no error either", (given) => {
  expect(isFormToken(randomBytes(32), "session-a", given)).toBe(false);
});

import { expect, test } from "vitest";
import { redactor } from "./redact.ts";

test("strikes out every known value, the longer first", () => {
  const redact = redactor(["s12345678", "s12345678-and-more"]);
  expect(redact("a s12345678-and-more b s12345678 c")).toBe("a ‹secret› b ‹secret› c");
});

test("strikes out each line of a key, and leaves its frame", () => {
  const redact = redactor(["-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\n-----END PRIVATE KEY-----\n"]);
  expect(redact("key: MIGHAgEAMBMGByqGSM49 -----END PRIVATE KEY-----")).toBe("key: ‹secret› -----END PRIVATE KEY-----");
});

test("leaves texts alone that are too short to be a secret", () => {
  expect(redactor(["info", ""])("info: started")).toBe("info: started");
});

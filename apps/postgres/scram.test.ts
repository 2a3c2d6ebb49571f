import { describe, expect, test } from "vitest";
import { scramVerifier } from "./scram.ts";

const password = "a-generated-password-of-some-length";

describe("the SCRAM verifier of a password", () => {
  test("has the form that PostgreSQL recognises", () => {
    expect(scramVerifier("app_owner", password)).toMatch(/^SCRAM-SHA-256\$4096:[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$/);
  });

  test("is the same whenever it is made", () => {
    expect(scramVerifier("app_owner", password)).toBe(scramVerifier("app_owner", password));
  });

  test("differs between roles with the same password", () => {
    expect(scramVerifier("app_owner", password)).not.toBe(scramVerifier("app_backup", password));
  });

  test("does not contain the password", () => {
    expect(scramVerifier("app_owner", password)).not.toContain(password);
  });

  test("a short password is refused without being shown", () => {
    expect(() => scramVerifier("app_owner", "hunter2")).toThrow(/^(?!.*hunter2).*7 characters; 20 is the least/);
  });

  test("a password that SASLprep might change is refused", () => {
    expect(() => scramVerifier("app_owner", `${password}\u00aa`)).toThrow("not printable ASCII");
  });
});

import { describe, expect, it } from "vitest";
import { PersonError } from "../terminal/failure.ts";
import { repositoryRoot } from "../synth/platform.ts";
import { readNames } from "./names.ts";

describe("readNames", () => {
  it("gives a constant's name to a name of several words", () => {
    expect(readNames("order-forms-2", repositoryRoot)).toEqual({ name: "order-forms-2", identifier: "orderForms2" });
  });

  it.each(["service", "new", "node", "health"])("keeps %s apart from what the file imports or TypeScript reserves", (name) => {
    expect(readNames(name, repositoryRoot).identifier).toBe(`${name}Service`);
  });

  it.each(["", "Notes", "2notes", "notes-", "no_tes", "no--tes", "../notes", "a".repeat(41)])("refuses %j, which is no host name", (name) => {
    expect(() => readNames(name, repositoryRoot)).toThrow(PersonError);
  });

  it("refuses a folder that is there", () => {
    expect(() => readNames("web", repositoryRoot)).toThrow("There is an apps/web already.");
  });
});

import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { register } from "./restore.ts";

const restore = async (...args: readonly string[]): Promise<unknown> => {
  const command = new Command("restore");
  register(command);
  return await command.parseAsync(args, { from: "user" });
};

describe("jlam restore refuses before anything is read", () => {
  test.each([
    { args: ["--to", "2026-11-20 14:03:00", "--anonymised", "--into", "staging"], because: "A copy without people is made of a set" },
    { args: ["2026-11-22T02-00-00-000Z", "--to", "2026-11-20 14:03:00"], because: "An instant isn't in one set" },
    { args: ["--to", "2026-11-20 14:03:00", "--volume", "objects"], because: "A volume can't be brought back as at an instant" },
    { args: ["--rehearse"], because: "Only an instant can be rehearsed" },
    { args: ["-e", "production", "--into", "staging"], because: "Everybody of production would be in staging" },
    { args: ["-e", "production", "--into", "staging", "--to", "2026-11-20 14:03:00"], because: "Everybody of production would be in staging" },
    { args: ["-e", "production", "--into", "staging", "--anonymised", "--with-people"], because: "--with-people is for real data in another environment" },
    { args: ["--dump", "copy.sql"], because: "Only a copy without people is written to a file" },
  ])("$args", async ({ args, because }) => {
    await expect(restore(...args)).rejects.toMatchObject({ message: expect.stringContaining(because), exitCode: 2 });
  });
});

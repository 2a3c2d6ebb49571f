import { describe, expect, test } from "vitest";
import { answerOf } from "./reader.ts";

/** A program that says something on its standard error and fails. */
const failing = (words: string) => ({ program: process.execPath, args: ["-e", "process.stderr.write(process.argv[1]); process.exitCode = 1", words] });

describe("a refusal of the engine, as a person reads it", () => {
  test.each([
    ["in words", '✖ There is no set "a". `jlam backup list` shows which there are.\n', { message: 'There is no set "a". `jlam backup list` shows which there are.', why: undefined, fix: undefined }],
    ["as JSON", 'a warning\n{"step":"failed","message":"There is no set \\"a\\".","fix":"Take another."}\n', { message: 'There is no set "a".', why: undefined, fix: "Take another." }],
    ["of another program", "OCI runtime exec failed\n", { message: "The engine refuses.", why: "OCI runtime exec failed" }],
    ["that is nearly JSON", "{ what", { message: "The engine refuses.", why: "{ what" }],
  ])("%s", async (_how, words, said) => {
    await expect(answerOf(failing(words), "")).rejects.toMatchObject(said);
  });
});

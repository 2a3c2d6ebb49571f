import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { readSecretFile } from "./secret-file.ts";

async function fileWith(text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "jlam-secret-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const path = join(directory, "secret");
  await writeFile(path, text);
  return path;
}

test("the line break at the end is not part of the secret, but spaces are", async () => {
  expect(await readSecretFile("X_FILE", await fileWith(" geheim \n"))).toBe(" geheim ");
});

test("an empty file is refused by the name of its setting", async () => {
  await expect(readSecretFile("X_FILE", await fileWith("\n"))).rejects.toThrow(/✖ X_FILE: .* is empty/);
});

test("a file that isn't there is refused with its path and the reason", async () => {
  await expect(readSecretFile("X_FILE", "/nergens")).rejects.toThrow(/✖ X_FILE: the file \/nergens can't be read \(ENOENT\)/);
});

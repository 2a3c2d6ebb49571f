import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { startPipeline } from "../programs/pipeline.ts";
import { compress, readFileWhole } from "./programs.ts";

async function bytesRead(content: string): Promise<number | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "jlam-programs-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "file");
  await writeFile(path, content);
  const pipeline = startPipeline([readFileWhole(path)]);
  pipeline.output.resume();
  await pipeline.finished;
  return pipeline.sourceBytes();
}

describe("a program that tells how much it read", () => {
  test("is the one that writes a file", async () => {
    expect([await bytesRead(""), await bytesRead("x"), await bytesRead("x".repeat(3_000_000))]).toEqual([0, 1, 3_000_000]);
  });

  test("is zstd, whatever it says beside", () => {
    const words = (read: string): string => `*** Zstandard CLI (64-bit) v1.5.7, by Yann Collet ***\nDecompression will require 2097152 B of memory\n/*stdin*\\            :  ${read}, /*stdout*\\) \n/*stdin*\\            : Completed in 7.06 sec  (cpu load : 57%)\n`;
    expect([words("0.00%   (3000000000 B =>  94074 B"), words("(     0 B =>     13 B"), "zstd: /*stdout*\\: No space left on device"].map((said) => compress.bytesRead?.(said))).toEqual([3_000_000_000, 0, undefined]);
  });
});

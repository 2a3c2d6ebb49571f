import { describe, expect, onTestFinished, test, vi } from "vitest";
import { runPrograms, startPipeline, type Program } from "./pipeline.ts";

const cat: Program = { command: "cat", args: [] };
const shell = (script: string): Program => ({ command: "sh", args: ["-c", script] });

describe("a pipeline", () => {
  test("hands bytes from program to program", async () => {
    expect(await runPrograms([cat, { command: "tr", args: ["a-z", "A-Z"] }, cat], "through\n")).toBe("THROUGH\n");
  });

  test("fails when its first program fails, although the last one is content", async () => {
    await expect(runPrograms([shell("echo some; echo broken >&2; exit 3"), cat])).rejects.toThrow(/^sh exited with 3: broken$/);
  });

  test("fails when a program in its middle is killed", async () => {
    await expect(runPrograms([cat, shell("kill -9 $$"), cat], "x")).rejects.toThrow(/sh was ended by SIGKILL/);
  });

  test("fails when a program isn't there", async () => {
    await expect(runPrograms([{ command: "no-such-program", args: [] }, cat])).rejects.toThrow(/no-such-program could not be started/);
  });

  test("ends a writer whose reader has gone, instead of letting it wait", async () => {
    await expect(runPrograms([{ command: "yes", args: [] }, shell("exit 0")])).rejects.toThrow(/yes (was ended by SIGPIPE|exited with 1)/);
  });

  test("loses nothing of programs that have long ended when somebody begins to read", async () => {
    const pipeline = startPipeline([shell("printf early")]);
    await pipeline.finished;
    await new Promise((resolve) => setTimeout(resolve, 50));
    const read: Buffer[] = [];
    for await (const chunk of pipeline.output) read.push(Buffer.from(chunk as Uint8Array));
    expect(Buffer.concat(read).toString()).toBe("early");
  });

  test("moves many bytes, of which a program tells how many it read", async () => {
    const counting: Program = { ...shell("wc -c >&2"), bytesRead: Number };
    const pipeline = startPipeline([shell("head -c 3000000 /dev/zero"), cat, counting]);
    expect(pipeline.sourceBytes()).toBeUndefined();
    pipeline.output.resume();
    await pipeline.finished;
    expect(pipeline.sourceBytes()).toBe(3_000_000);
  });

  test("whose programs tell nothing of what they read doesn't know it", async () => {
    const pipeline = startPipeline([shell("echo some"), cat]);
    pipeline.output.resume();
    await pipeline.finished;
    expect(pipeline.sourceBytes()).toBeUndefined();
  });

  test("names of a program that tells more than its errors only what begins with its name", async () => {
    const talking: Program = { ...shell("echo 'level 3' >&2; echo 'sh: no space' >&2; exit 1"), bytesRead: () => 0 };
    await expect(runPrograms([talking])).rejects.toThrow(/^sh exited with 1: sh: no space$/);
  });

  test("hands on none of our own variables", async () => {
    vi.stubEnv("SECRET_OF_OURS", "x");
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await runPrograms([{ command: "env", args: [], environment: { GIVEN: "y" } }])).toMatch(/^(?!.*SECRET_OF_OURS).*GIVEN=y/s);
  });

  test("that is stopped is a failed one", async () => {
    const pipeline = startPipeline([{ command: "sleep", args: ["60"] }]);
    pipeline.stop();
    await expect(pipeline.finished).rejects.toThrow(/sleep was ended by SIGKILL/);
  });
});

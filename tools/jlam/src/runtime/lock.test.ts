import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { takeLock } from "./lock.ts";

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "jlam-lock-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe("takeLock", () => {
  test("refuses a second holder, and names the first", () => {
    const folder = freshFolder();
    takeLock(folder, "jlam up ci");
    expect(() => takeLock(folder, "jlam down ci")).toThrow(
      expect.objectContaining({ message: "`jlam up ci` is at it already.", why: expect.stringContaining(`Process ${process.pid}`) }),
    );
  });

  test("is free again after its release", () => {
    const folder = freshFolder();
    takeLock(folder, "jlam up ci").release();
    expect(existsSync(join(folder, "lock"))).toBe(false);
    takeLock(folder, "jlam down ci");
  });

  test("is taken over from a holder that was killed", async () => {
    const folder = freshFolder();
    const holder = spawn(process.execPath, ["--input-type=module-typescript", "--eval", `import { takeLock } from ${JSON.stringify(join(import.meta.dirname, "lock.ts"))}; takeLock(${JSON.stringify(folder)}, "jlam up ci"); console.log("held"); setInterval(() => {}, 1000);`]);
    await once(holder.stdout, "data");
    expect(() => takeLock(folder, "jlam down ci")).toThrow(/at it already/);
    holder.kill("SIGKILL");
    await once(holder, "exit");
    takeLock(folder, "jlam down ci");
  });

  test.runIf(existsSync("/proc/self/stat"))("is taken over where another process has the dead holder's id", () => {
    const folder = freshFolder();
    writeFileSync(join(folder, "lock"), JSON.stringify({ pid: process.pid, born: "1", command: "jlam up ci", since: new Date().toISOString() }));
    takeLock(folder, "jlam down ci");
  });

  test("is taken over where the lock's content is damaged", () => {
    const folder = freshFolder();
    writeFileSync(join(folder, "lock"), "{");
    takeLock(folder, "jlam down ci");
  });
});

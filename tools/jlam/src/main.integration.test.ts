/** The command line as a process: what it prints, where, and its exit code. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, onTestFinished, test } from "vitest";
import { commands } from "./commands.ts";

const main = join(import.meta.dirname, "main.ts");
const jlam = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  execa(process.execPath, [main, ...args], { reject: false, env, timeout: 30_000 });

/** A program of a few lines that uses what commands use. */
function program(lines: string): string {
  const folder = mkdtempSync(join(tmpdir(), "jlam-program-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "program.ts");
  writeFileSync(file, lines.replaceAll("./terminal/", `${import.meta.dirname}/terminal/`));
  return file;
}

describe("jlam", () => {
  test("lists every command, with nothing asked", async () => {
    const { stdout, exitCode } = await jlam([]);
    const onOneLine = stdout.replaceAll(/\s+/g, " ");
    for (const { name, summary } of commands) expect(onOneLine).toContain(` ${name} ${summary} `);
    expect(exitCode).toBe(0);
  });

  test("suggests the nearest command for an unknown one, on stderr, with 2", async () => {
    const { stdout, stderr, exitCode } = await jlam(["imges"]);
    expect(stderr).toBe('✖ There is no command "imges".\n  Did you mean `jlam images`?');
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
  });

  test("refuses an unknown option with 2", async () => {
    const { stderr, exitCode } = await jlam(["images", "list", "--jsn"]);
    expect(stderr).toBe("✖ Unknown option '--jsn'\n  Did you mean --json?");
    expect(exitCode).toBe(2);
  });

  test("shows help and ends with 2 where a subcommand is missing", async () => {
    const { stderr, exitCode } = await jlam(["images"]);
    expect(stderr).toContain("Usage: jlam images");
    expect(exitCode).toBe(2);
  });

  test("shows a person's mistake without a stack, and with one for JLAM_DEBUG=1", async () => {
    const plain = await jlam(["images", "build", "nothing"]);
    expect(plain.stderr).toMatch(/^✖ There is no recipe for an image "nothing"\.\n {2}→ tools\/images\//);
    expect(plain.stderr).not.toContain("    at ");
    expect(plain.exitCode).toBe(1);
    expect((await jlam(["images", "build", "nothing"], { JLAM_DEBUG: "1" })).stderr).toContain("    at findRecipe");
  });

  test("is quiet when a pipe is closed before it has printed everything", async () => {
    const { stderr, exitCode } = await execa("sh", ["-c", `"${process.execPath}" "${main}" --help | true`], { reject: false });
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  });
});

describe("an interrupted command", () => {
  const waiting = `
    import { handleInterrupts, onInterrupt } from "./terminal/interrupt.ts";
    handleInterrupts();
    onInterrupt(() => console.log("older"));
    onInterrupt(async () => { await new Promise((done) => setTimeout(done, 50)); console.log("newer"); });
    onInterrupt(() => console.log("no longer"))();
    setInterval(() => undefined, 1000);
    console.log("ready");
  `;

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("undoes what was registered, newest first, and ends as %s asks", async (signal, code) => {
    const child = spawn(process.execPath, [program(waiting)]);
    let output = "";
    child.stdout.on("data", (data: Buffer) => (output += data.toString()));
    await once(child.stdout, "data");
    child.kill(signal);
    const [exitCode] = await once(child, "close");
    expect(exitCode).toBe(code);
    expect(output).toBe("ready\nnewer\nolder\n");
  });
});

describe("progress without a terminal", () => {
  test("prints plain lines on stderr only, and fails with the first failure", async () => {
    const file = program(`
      import { PersonError, reportFailure } from "./terminal/failure.ts";
      import { runSteps } from "./terminal/progress.ts";
      const steps = [
        { title: "one", run: async () => "one is done" },
        { title: "two", run: async () => { throw new PersonError("two broke"); } },
        { title: "three", run: async () => { console.log("must not run"); return undefined; } },
      ];
      await runSteps(steps).catch((error: unknown) => { process.exitCode = reportFailure(error); });
    `);
    const { stdout, stderr, exitCode } = await execa(process.execPath, [file], { reject: false, env: { NO_COLOR: "1" } });
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 1 });
    expect(stderr).toContain("✔ one is done");
    expect(stderr).toMatch(/✖ two broke$/);
  });
});

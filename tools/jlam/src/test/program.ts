/** Runs one program of a phase: its words on stderr, its children with it when it is ended. */
import { join } from "node:path";
import { execa } from "execa";
import { onInterrupt } from "../terminal/interrupt.ts";

export interface ProgramRun {
  /** From the repository's root, or an absolute path. */
  readonly program: string;
  readonly args: readonly string[];
  readonly root: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly limit: number;
  /** Show its output as it comes; otherwise it is in `output` alone. */
  readonly show: boolean;
}

export interface ProgramEnd {
  readonly exitCode: number;
  readonly timedOut: boolean;
  readonly output: string;
}

/** How long a program may take to clean up after SIGTERM before it is killed: removing the stack takes some 15 s. */
const cleanUpLimit = 60_000;

/** Runs it to its end. Never throws for what it does; a program that can't be started ends with 127, as in a shell. */
export async function runProgram({ program, args, root, env = {}, limit, show }: ProgramRun): Promise<ProgramEnd> {
  const running = execa(program.startsWith("/") ? program : join(root, program), args, {
    cwd: root,
    env: { ...(process.stderr.isTTY ? {} : { NO_COLOR: "1" }), ...env },
    reject: false,
    stdin: "ignore",
    all: true,
    // Progress belongs on stderr: stdout is for the result.
    ...(show ? { stdout: ["pipe", process.stderr], stderr: ["pipe", process.stderr] } : {}),
    timeout: limit,
    forceKillAfterDelay: cleanUpLimit,
  });
  const forget = onInterrupt(async () => {
    running.kill("SIGTERM");
    await running;
  });
  try {
    const { exitCode, timedOut, all, shortMessage } = await running;
    return { exitCode: exitCode ?? 127, timedOut, output: all === "" ? (shortMessage ?? "") : all };
  } finally {
    forget();
  }
}

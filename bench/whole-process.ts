/** Times commands as whole processes, in turn, so that a machine whose speed drifts drifts for both. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

export interface Command {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Measured {
  readonly name: string;
  /** Wall time of each counted run in milliseconds, in the order of the runs. */
  readonly wallMs: readonly number[];
  /** Largest resident memory seen in any run, in bytes; undefined where /proc can't tell. */
  readonly peakBytes: number | undefined;
}

/**
 * Runs each command once to warm up, then `runs` times in turn: a, b, a, b, …
 * @throws Error when a command exits with anything but 0, with the end of what it said
 */
export async function measureInTurn(commands: readonly Command[], runs: number): Promise<readonly Measured[]> {
  const wall = commands.map((): number[] => []);
  const peaks: (number | undefined)[] = commands.map(() => undefined);
  for (let round = -1; round < runs; round += 1) {
    for (const [index, command] of commands.entries()) {
      const { ms, peakBytes } = await runOnce(command);
      if (round < 0) continue;
      wall[index]?.push(ms);
      if (peakBytes !== undefined) peaks[index] = Math.max(peaks[index] ?? 0, peakBytes);
    }
  }
  return commands.map(({ name }, index) => ({ name, wallMs: wall[index] ?? [], peakBytes: peaks[index] }));
}

function runOnce({ name, command: [program, ...args], environment }: Command): Promise<{ readonly ms: number; readonly peakBytes: number | undefined }> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, ...environment } });
    let said = "";
    let peakBytes: number | undefined;
    // The kernel keeps the high-water mark itself; it only has to be read once near the end, so a coarse poll will do.
    const poll = setInterval(() => (peakBytes = highWaterMark(child.pid) ?? peakBytes), 10);
    child.stderr.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2_000)));
    child.on("error", reject);
    child.on("close", (code) => {
      clearInterval(poll);
      const ms = performance.now() - start;
      if (code === 0) resolve({ ms, peakBytes });
      else reject(new Error(`${name} ended with ${code}:\n${said}`));
    });
  });
}

function highWaterMark(pid: number | undefined): number | undefined {
  try {
    const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}

export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** The median of the ratios of two series, run by run. */
export const pairedRatio = (a: Measured, b: Measured): number => median(a.wallMs.map((ms, run) => ms / (b.wallMs[run] ?? Number.NaN)));

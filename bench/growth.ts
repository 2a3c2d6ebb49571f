/**
 * How synth grows with the number of services, beside `docker compose config` of the same files.
 *
 *     node bench/growth.ts [size…]            sizes; 10 100 1000 10000 without
 *     node bench/growth.ts --one SIZE FOLDER  one run in this process (used by the former)
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { emitFiles, resolveEnvironment } from "@jlam/compose-dsl";
import { star } from "./star.ts";
import { milliseconds, mebibytes, printMachine, printTable } from "./table.ts";
import { measureInTurn, median } from "./whole-process.ts";

/** Beyond this size `docker compose config` takes so long that it says nothing new. */
const mostForCompose = 1_000;

if (process.argv[2] === "--one") synthesise(Number(process.argv[3]), process.argv[4] ?? "");
else await compare(process.argv.length > 2 ? process.argv.slice(2).map(Number) : [10, 100, 1_000, 10_000]);

function synthesise(size: number, folder: string): void {
  for (const [path, text] of emitFiles(resolveEnvironment(star(size)))) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
}

async function compare(sizes: readonly number[]): Promise<void> {
  printMachine();
  const rows: string[][] = [];
  for (const size of sizes) {
    const folder = mkdtempSync(join(tmpdir(), "jlam-growth-"));
    try {
      synthesise(size, folder);
      const runs = size > mostForCompose ? 3 : 5;
      const synth = { name: "synth", command: [process.execPath, import.meta.filename, "--one", String(size), folder] as const };
      const config = { name: "config", command: ["docker", "compose", "-f", join(folder, "compose.yaml"), "config", "--quiet"] as const };
      const [ours, theirs] = await measureInTurn(size > mostForCompose ? [synth] : [synth, config], runs);
      const own = ours ? median(ours.wallMs) : Number.NaN;
      const other = theirs ? median(theirs.wallMs) : undefined;
      rows.push([
        String(size),
        milliseconds(own),
        milliseconds(own / size),
        mebibytes(ours?.peakBytes),
        other === undefined ? "not run" : milliseconds(other),
        theirs ? mebibytes(theirs.peakBytes) : "",
        other === undefined ? "" : (other / own).toFixed(1),
      ]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  printTable(["services", "synth", "per service", "memory", "compose config", "memory", "config / synth"], rows);
}

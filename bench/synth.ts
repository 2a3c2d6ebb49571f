/**
 * Synth of all environments, as a cold process, against one `docker compose config` of production in the same run.
 *
 *     node bench/synth.ts [runs]
 */
import { join, resolve } from "node:path";
import { printMachine, printTable, timeRow } from "./table.ts";
import { measureInTurn, pairedRatio } from "./whole-process.ts";

const root = resolve(import.meta.dirname, "..");
const runs = Number(process.argv[2] ?? 20);
const compileCache = { NODE_COMPILE_CACHE: join(root, ".jlam/compile-cache") };

const measured = await measureInTurn(
  [
    { name: "./jlam synth (all environments)", command: [join(root, "jlam"), "synth"] },
    { name: "the bundle alone", command: [process.execPath, join(root, ".jlam/synth/bundle.mjs")], environment: compileCache },
    { name: "node doing nothing", command: [process.execPath, "-e", "0"] },
    { name: "docker compose config (production)", command: ["docker", "compose", "-f", join(root, "environments/production/generated/compose.yaml"), "config", "--quiet"] },
  ],
  runs,
);
printMachine();
printTable(["command", "min", "median", "max", "peak memory"], measured.map(timeRow));
const [jlam, , , compose] = measured;
if (jlam && compose) console.log(`\nsynth / compose config, run by run, median of ${runs}: ${pairedRatio(jlam, compose).toFixed(2)}`);

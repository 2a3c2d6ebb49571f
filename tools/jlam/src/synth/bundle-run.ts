/** What the bundle runs. Nothing here may import more than the emitters need. */
import { statSync } from "node:fs";
import { checkEnvironment, resolveEnvironment, type EnvironmentNode } from "@jlam/compose-dsl";
import { synthReport } from "./report.ts";
import { synthesise } from "./synthesise.ts";

/** Tells `./jlam` to take the long way (sysexits.h, EX_TEMPFAIL). */
const takeTheLongWay = 75;

/** Synthesises all environments, or asks for the long way: sources changed, or there is something to explain. */
export function runBundle(root: string, environments: readonly EnvironmentNode[], sources: readonly (readonly [string, number, number])[]): void {
  const check = process.argv[2] === "--check";
  for (const [path, size, mtimeMs] of sources) {
    const stat = statSync(`${root}/${path}`, { throwIfNoEntry: false });
    if (stat?.size !== size || stat.mtimeMs !== mtimeMs) return void (process.exitCode = takeTheLongWay);
  }
  const resolved = environments.map(resolveEnvironment);
  if (resolved.flatMap(checkEnvironment).some(({ severity }) => severity === "error")) return void (process.exitCode = takeTheLongWay);
  const { lines, failed } = synthReport(
    resolved.map((environment) => synthesise(environment, { root, check, overwrite: false })),
    check,
  );
  process.stdout.write(`${lines.join("\n")}\n`);
  if (failed) process.exitCode = 1;
}

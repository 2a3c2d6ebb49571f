/** `jlam doctor`: what keeps this machine from running the platform, with the fix for each. */
import type { Command } from "commander";
import { diagnose } from "../doctor/doctor.ts";
import type { Finding } from "../doctor/finding.ts";
import { ensureEngine } from "../machine/engine.ts";
import { examples } from "../terminal/examples.ts";
import { colour, print, printJson, say, type Colour } from "../terminal/output.ts";

const marks: Readonly<Record<Finding["state"], readonly [mark: string, colour: Colour]>> = {
  ok: ["✔", "green"],
  warning: ["!", "yellow"],
  problem: ["✖", "red"],
  "not-checked": ["–", "dim"],
};

export function register(command: Command): void {
  command
    .argument("[environment]", "environment that is to run here", "local")
    .option("--fix", "install and start the Docker engine where that is missing; asks first")
    .option("-y, --yes", "don't ask")
    .option("--json", "print the findings as JSON");
  examples(command, [
    ["jlam doctor", "look at everything that local needs"],
    ["sudo ./jlam doctor --fix", "install Docker on Debian or Ubuntu"],
  ]);
  command.action(async (environment: string, options: { fix?: true; yes?: true; json?: true }) => {
    if (options.fix) await ensureEngine({ yes: options.yes === true, say });
    const diagnosis = await diagnose(environment);
    if (!diagnosis.fit) process.exitCode = 1;
    if (options.json) return printJson(diagnosis);
    const width = Math.max(...diagnosis.findings.map(({ check }) => check.length));
    for (const { check, state, what, fix } of diagnosis.findings) {
      const [mark, dye] = marks[state];
      print(`${colour(dye, mark, process.stdout)} ${check.padEnd(width)}  ${what}`);
      if (fix !== undefined) print(`  ${" ".repeat(width)}  → ${fix}`);
    }
  });
}

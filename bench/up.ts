/**
 * A warm `jlam up` (everything runs already) against `docker compose up --wait` on the same files.
 * Boots environment ci first, and leaves it as it was found.
 *
 *     node bench/up.ts [runs]
 */
import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";
import { imageVariable, resolveEnvironment } from "@jlam/compose-dsl";
import ci from "@jlam/environment-ci";
import { printMachine, printTable, timeRow } from "./table.ts";
import { measureInTurn, pairedRatio } from "./whole-process.ts";

const root = resolve(import.meta.dirname, "..");
const jlam = join(root, "jlam");
const runs = Number(process.argv[2] ?? 5);
const environment = resolveEnvironment(ci);
const ran = execFileSync("docker", ["ps", "--quiet", "--filter", "label=nl.jlam.environment=ci"], { encoding: "utf8" }).trim() !== "";
execFileSync(jlam, ["up", "ci", "--yes"], { stdio: "inherit" });
try {
  const variables = imagesThatRun();
  const file = join(root, "environments/ci/generated/compose.yaml");
  const measured = await measureInTurn(
    [
      { name: "./jlam up ci", command: [jlam, "up", "ci", "--yes"] },
      { name: "docker compose up --wait", command: ["docker", "compose", "-f", file, "up", "--detach", "--wait"], environment: variables },
    ],
    runs,
  );
  printMachine();
  printTable(["command", "min", "median", "max", "peak memory"], measured.map(timeRow));
  const [ours, theirs] = measured;
  if (ours && theirs) console.log(`\njlam / compose, run by run, median of ${runs}: ${pairedRatio(ours, theirs).toFixed(2)}`);
} finally {
  if (!ran) execFileSync(jlam, ["down", "ci", "--volumes", "--yes"], { stdio: "inherit" });
}

/** JLAM_IMAGE_<NAME> for each running service, so that Compose finds nothing to change. */
function imagesThatRun(): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const { name, node } of environment.services.values()) {
    const [image] = execFileSync("docker", ["ps", "--all", "--filter", "label=nl.jlam.environment=ci", "--filter", `label=nl.jlam.service=${name}`, "--format", "{{.Image}}"], { encoding: "utf8" }).split("\n");
    if (image) variables[imageVariable(node.image.name)] = image;
  }
  return variables;
}

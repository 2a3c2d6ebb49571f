/**
 * A warm `jlam up` (everything runs already) against `docker compose up --wait` on the same files.
 * Boots environment ci first, and leaves it as it was found.
 *
 *     node bench/up.ts [runs]
 */
import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";
import { printMachine, printTable, timeRow } from "./table.ts";
import { measureInTurn, pairedRatio } from "./whole-process.ts";

const root = resolve(import.meta.dirname, "..");
const jlam = join(root, "jlam");
const runs = Number(process.argv[2] ?? 5);
const ran = execFileSync("docker", ["ps", "--quiet", "--filter", "label=nl.jlam.environment=ci"], { encoding: "utf8" }).trim() !== "";
execFileSync(jlam, ["up", "ci", "--yes"], { stdio: "inherit" });
try {
  const images = Object.fromEntries(
    execFileSync("docker", ["ps", "--filter", "label=nl.jlam.environment=ci", "--format", '{{.Label "nl.jlam.service"}}\t{{.Image}}'], { encoding: "utf8" })
      .trim()
      .split("\n")
      .map((line) => line.split("\t")),
  );
  const variables: Record<string, string> = {
    JLAM_IMAGE_WEB: images["web"],
    JLAM_IMAGE_POSTGRES: images["postgres-app"],
    JLAM_IMAGE_REDIS: images["redis-sessions"],
    JLAM_IMAGE_TRAEFIK: images["traefik"],
    JLAM_IMAGE_SOCKET_PROXY: images["docker-socket-proxy"],
    JLAM_IMAGE_MAILDEV: images["mail-outgoing"],
  };
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

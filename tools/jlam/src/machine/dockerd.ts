/** Starts an engine that is installed but doesn't run: by systemd where it is, by ourselves where it isn't. */
import { spawn } from "node:child_process";
import { existsSync, openSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { PersonError } from "../terminal/failure.ts";
import { isInstalled } from "./packages.ts";

/** Where dockerd writes when we start it; only root starts it. */
const engineLog = "/var/log/dockerd.log";

/** A cold first start loads modules and makes the bridge: 3 s measured, so this is generous. */
const startLimit = 60_000;

/**
 * Starts dockerd if it is installed here, we are root, and the client looks at this machine's own socket; returns
 * whether an engine now answers. Throws a PersonError with the engine's last log lines where it starts and fails.
 */
export async function startEngine(facts: { readonly host: string }, say: (line: string) => void): Promise<boolean> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  if (!/^unix:\/\/\/(var\/)?run\/docker\.sock$/.test(facts.host)) return false;
  if (!isInstalled("dockerd")) return false;
  if (existsSync("/run/systemd/system")) {
    say("Starting the Docker engine (systemctl start docker)…");
    await execa("systemctl", ["start", "docker"], { reject: false });
    return await answers(Date.now() + startLimit, () => false);
  }
  say(`Starting the Docker engine (dockerd, log in ${engineLog})…`);
  const log = openSync(engineLog, "a", 0o600);
  const engine = spawn("dockerd", [], { detached: true, stdio: ["ignore", log, log], cwd: "/" });
  let ended = false;
  engine.once("exit", () => (ended = true));
  engine.once("error", () => (ended = true));
  engine.unref();
  if (await answers(Date.now() + startLimit, () => ended)) return true;
  throw new PersonError("The Docker engine did not start.", {
    where: engineLog,
    why: readFileSync(engineLog, "utf8").trimEnd().split("\n").slice(-12).join("\n"),
    fix: "Start `dockerd` by hand to see what it needs, then run this again.",
  });
}

/** Waits until the engine answers. When `gaveUp` says so, one last answer counts: another process may have won. */
async function answers(deadline: number, gaveUp: () => boolean): Promise<boolean> {
  for (;;) {
    const last = gaveUp() || Date.now() > deadline;
    const version = await execa("docker", ["version"], { reject: false, timeout: 10_000 });
    if (!version.failed) return true;
    if (last) return false;
    await sleep(250);
  }
}

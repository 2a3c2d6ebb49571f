/** The dashboard's server beside the terminal: started once for an environment, found again, and stopped with it. */
import { spawn } from "node:child_process";
import { closeSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { projectName } from "@jlam/compose-dsl";
import { listContainers } from "../runtime/containers.ts";
import { privateFolder, readIfThere, writePrivately } from "../secrets/private-file.ts";
import { secretPaths } from "../secrets/provide.ts";
import { repositoryRoot } from "../synth/platform.ts";
import { PersonError } from "../terminal/failure.ts";
import type { Dashboard } from "./server.ts";

const record = z.object({ port: z.number().int(), token: z.string() });
const alive = z.object({ environment: z.string(), pid: z.number().int() });

const recordPath = (environment: string, root: string): string => join(secretPaths(root, environment).state, "dashboard.json");
const wordsPath = (environment: string, root: string): string => join(secretPaths(root, environment).state, "dashboard.log");

/** The address with its token behind `#`, which browsers send to nobody. */
export const addressOf = ({ port, token }: Pick<Dashboard, "port" | "token">): string => `http://127.0.0.1:${port}/#${token}`;

/** Notes where a server answers, for its owner's eyes only. */
export const noteDashboard = (environment: string, { port, token }: Dashboard, root: string = repositoryRoot): void => writePrivately(recordPath(environment, root), JSON.stringify({ port, token }));

interface Found {
  readonly address: string;
  readonly pid: number;
}

/** The environment's server, if one answers. */
async function findDashboard(environment: string, root: string): Promise<Found | undefined> {
  const noted = record.safeParse(json(readIfThere(recordPath(environment, root)))).data;
  if (noted === undefined) return undefined;
  try {
    const answer = await fetch(`http://127.0.0.1:${noted.port}/api/alive`, { headers: { authorization: `Bearer ${noted.token}` }, signal: AbortSignal.timeout(2000) });
    const told = alive.safeParse(await answer.json()).data;
    return told?.environment === environment ? { address: addressOf(noted), pid: told.pid } : undefined;
  } catch {
    // Nobody listens there any more.
    return undefined;
  }
}

/** Milliseconds that a server may take to answer after its start: it takes one second, and was seen to take 25 on a busy machine. */
const patience = 90_000;

/**
 * The address of the environment's dashboard, whose server is started where none runs and goes on when this process ends.
 * @throws PersonError where it doesn't come up, with its last words
 */
export async function ensureDashboard(environment: string, root: string = repositoryRoot): Promise<string> {
  const running = await findDashboard(environment, root);
  if (running) return running.address;
  const words = wordsPath(environment, root);
  privateFolder(secretPaths(root, environment).state);
  const log = openSync(words, "w", 0o600);
  const child = spawn(process.execPath, [join(root, "tools/jlam/src/main.ts"), "dashboard", environment, "--foreground"], { cwd: root, detached: true, stdio: ["ignore", "ignore", log] });
  closeSync(log);
  // What can't even be started is told here, and found to have no process below.
  child.once("error", () => undefined);
  const runs = (): boolean => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  child.unref();
  for (const end = Date.now() + patience; Date.now() < end && runs(); await sleep(100)) {
    const found = await findDashboard(environment, root);
    if (found) return found.address;
  }
  if (runs()) child.kill();
  throw new PersonError("The dashboard did not come up.", { why: readIfThere(words)?.trim(), fix: `\`jlam dashboard ${environment} --foreground\` shows what it says.` });
}

/** Stops the environment's server; whether there was one. */
export async function stopDashboard(environment: string, root: string = repositoryRoot): Promise<boolean> {
  const found = await findDashboard(environment, root);
  rmSync(recordPath(environment, root), { force: true });
  rmSync(wordsPath(environment, root), { force: true });
  if (found === undefined) return false;
  try {
    process.kill(found.pid, "SIGTERM");
  } catch {
    // It ended by itself in the meantime.
  }
  return true;
}

/** Between two looks whether a server is still wanted, in milliseconds, and how often in a row it must not be. */
const look = 15_000;
const looks = 20;

/** Resolves when nobody needs the server: another one took its place, or its environment has been away for five minutes. */
export async function untilUnwanted(environment: string, { token }: Dashboard, root: string = repositoryRoot): Promise<void> {
  for (let away = 0; away < looks; ) {
    await sleep(look);
    if (record.safeParse(json(readIfThere(recordPath(environment, root)))).data?.token !== token) return;
    // An engine that doesn't answer has no containers for us either.
    const containers = await listContainers(projectName(environment)).catch(() => []);
    away = containers.length === 0 ? away + 1 : 0;
  }
}

function json(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}

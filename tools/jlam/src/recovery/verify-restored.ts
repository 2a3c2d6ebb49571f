/** Proves a set: the engine restores it into a throwaway server that only it can reach, and compares. */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { projectName } from "@jlam/compose-dsl";
import { execa } from "execa";
import { loadRunning } from "../runtime/bootable.ts";
import { listContainers, type ContainerState } from "../runtime/containers.ts";
import { runningContainer } from "../runtime/in-container.ts";
import { PersonError } from "../terminal/failure.ts";
import { throwAwayKey } from "./restore.ts";

export interface VerifyOptions {
  readonly environment: string;
  readonly root: string;
  /** Id of the set; the newest usable one when undefined. */
  readonly set: string | undefined;
  /** File of a private key; undefined: the throw-away one in the engine's container. */
  readonly keyFile: string | undefined;
  readonly json: boolean;
}

/** In memory, and gone with the engine's container at the latest. */
const passwordFile = "/tmp/throwaway-password";

/**
 * Starts a server of the environment's own PostgreSQL image in the network of the engine's container, where it listens on
 * the loopback address alone, and removes it with its data afterwards. Returns the engine's exit code: 0 when all
 * databases were restored and equal, and the set is marked.
 * @throws PersonError when the environment is down, keeps no PostgreSQL of its own, or the server doesn't start
 */
export async function verifyRestored({ environment, root, set, keyFile, json }: VerifyOptions): Promise<number> {
  const engine = await runningContainer(environment, "backup");
  const key = keyFile === undefined ? await throwAwayKey(engine, "operations") : await readFile(keyFile, "utf8");
  const password = randomBytes(24).toString("hex");
  const server = await startServer(await postgresImage(environment, root), engine, password);
  try {
    await execa("docker", ["exec", "--interactive", engine.id, "sh", "-c", `umask 077; cat > ${passwordFile}`], { input: password });
    const args = ["verify", ...(set === undefined ? [] : [set]), "--key", "-", "--host", "127.0.0.1", "--user", "postgres", "--password-file", passwordFile, ...(json ? ["--json"] : [])];
    const { exitCode = 1 } = await execa("docker", ["exec", "--interactive", engine.id, "node", "/app/backup.js", ...args], { input: key, stdout: "inherit", stderr: "inherit", reject: false });
    return exitCode;
  } finally {
    await execa("docker", ["rm", "--force", "--volumes", server]);
    await execa("docker", ["exec", engine.id, "rm", "-f", passwordFile], { reject: false });
  }
}

/** The PostgreSQL image that the environment runs. @throws PersonError where it runs none */
export async function postgresImage(name: string, root: string): Promise<string> {
  const environment = await loadRunning(name, root);
  const found = (await listContainers(projectName(name))).find(({ service }) => environment.services.get(service)?.node.image.name === "postgres");
  if (found !== undefined) return found.image;
  throw new PersonError(`${name} runs no PostgreSQL of its own, so that there is no image of the right version.`, { fix: "Verify its sets where a PostgreSQL of the same major version can be started." });
}

async function startServer(image: string, engine: ContainerState, password: string): Promise<string> {
  // Nothing here has to survive a crash, and without fsync a restore takes half the time.
  const { stdout: id } = await execa("docker", [
    "run", "--detach", "--label", "nl.jlam.recovery=verify", "--network", `container:${engine.id}`, "--memory", "512m", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
    "--user", "999:999", "--tmpfs", "/var/run/postgresql:mode=1777", "--env", "POSTGRES_PASSWORD_FILE=/proc/sys/kernel/random/uuid", image,
    "postgres", "-c", "fsync=off", "-c", "listen_addresses=127.0.0.1", "-c", "wal_level=minimal", "-c", "max_wal_senders=0",
  ]);
  const inside = (...command: readonly string[]) => execa("docker", ["exec", "--interactive", id, ...command], { reject: false, input: `ALTER ROLE postgres PASSWORD '${password}'` });
  // The server of the image's own initialisation listens on its socket alone.
  for (let left = 240; (await inside("pg_isready", "--quiet", "--host=127.0.0.1")).failed; left -= 1) {
    if (left === 0) {
      const { all } = await execa("docker", ["logs", "--tail", "20", id], { all: true, reject: false });
      await execa("docker", ["rm", "--force", "--volumes", id]);
      throw new PersonError("The throwaway server doesn't start.", { why: all });
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  await inside("psql", "--no-psqlrc", "--quiet", "--username=postgres", "--file=-");
  return id;
}

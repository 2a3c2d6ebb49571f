/** Proves a set: the engine restores it into a throwaway server that only it can reach, and compares. */
import { randomBytes } from "node:crypto";
import { projectName } from "@jlam/compose-dsl";
import { postgresImage as official } from "@jlam/postgres";
import { execa, ExecaError } from "execa";
import { loadRunning } from "../runtime/bootable.ts";
import { listContainers, type ContainerState } from "../runtime/containers.ts";
import { runningContainer } from "../runtime/in-container.ts";
import { PersonError } from "../terminal/failure.ts";
import { wordsOf } from "./reader.ts";
import { privateKey } from "./restore.ts";

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
 * @throws PersonError when the environment is down, or the server doesn't start
 */
export async function verifyRestored({ environment, root, set, keyFile, json }: VerifyOptions): Promise<number> {
  const engine = await runningContainer(environment, "backup");
  const key = await privateKey(engine, keyFile);
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

/** The PostgreSQL image that the environment runs; where its databases are managed elsewhere, the one that others run, which Docker fetches. */
export async function postgresImage(name: string, root: string): Promise<string> {
  const environment = await loadRunning(name, root);
  const found = (await listContainers(projectName(name))).find(({ service }) => environment.services.get(service)?.node.image.name === "postgres");
  return found?.image ?? `${official.repository}:${official.tag}`;
}

async function startServer(image: string, engine: ContainerState, password: string): Promise<string> {
  // Nothing here has to survive a crash, and without fsync a restore takes half the time.
  const { stdout: id } = await execa("docker", [
    "run", "--detach", "--quiet", "--label", "nl.jlam.recovery=verify", "--network", `container:${engine.id}`, "--memory", "512m", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
    "--user", "999:999", "--tmpfs", "/var/run/postgresql:mode=1777", "--env", "POSTGRES_PASSWORD_FILE=/proc/sys/kernel/random/uuid", image,
    "postgres", "-c", "fsync=off", "-c", "listen_addresses=127.0.0.1", "-c", "wal_level=minimal", "-c", "max_wal_senders=0",
  ]).catch((error: unknown) => {
    if (!(error instanceof ExecaError)) throw error;
    throw new PersonError("The throwaway server can't be started.", { where: image, why: wordsOf(error), cause: error });
  });
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

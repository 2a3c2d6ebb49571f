/** An empty machine on this one: a network namespace and a Docker engine of its own, which knows no image, volume or network. */
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer, connect, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { execa } from "execa";

export interface EmptyMachine {
  readonly directory: string;
  /** Where programs on the machine reach this one. */
  readonly hostAddress: string;
  /** Runs a program in the machine's network, with its engine. Output comes together. */
  run(program: string, args: readonly string[], timeout: number): Promise<{ readonly exitCode: number; readonly output: string; readonly stdout: string }>;
  /** Takes the engine, its containers and all of its data away. */
  close(): Promise<void>;
}

/** A network that nobody routes (RFC 2544 keeps it for benchmarks). */
const addresses = { host: "198.18.231.1", machine: "198.18.231.2" } as const;
const namespace = "jlam-drill";
const link = { host: "jlam-drill-h", machine: "jlam-drill-m" } as const;

/** Why this machine can't hold another; undefined where it can. */
export async function cannotHost(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return "needs root for a network namespace and a second Docker engine";
  for (const program of ["dockerd", "ip", "nsenter"]) {
    if ((await execa("which", [program], { reject: false })).failed) return `needs ${program}`;
  }
  return undefined;
}

/** Starts it within seconds. @throws Error with the engine's last words when it doesn't answer in half a minute */
export async function startEmptyMachine(): Promise<EmptyMachine> {
  const directory = await mkdtemp(join(tmpdir(), "jlam-empty-"));
  const closers: (() => Promise<unknown>)[] = [() => rm(directory, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const closer of closers.reverse()) await closer();
  };
  try {
    // What a run that was killed left.
    await execa("ip", ["netns", "delete", namespace], { reject: false });
    await execa("ip", ["link", "delete", link.host], { reject: false });
    await execa("ip", ["netns", "add", namespace]);
    closers.push(() => execa("ip", ["netns", "delete", namespace], { reject: false }));
    await execa("ip", ["link", "add", link.host, "type", "veth", "peer", "name", link.machine]);
    closers.push(() => execa("ip", ["link", "delete", link.host], { reject: false }));
    await execa("ip", ["link", "set", link.machine, "netns", namespace]);
    await execa("ip", ["address", "add", `${addresses.host}/30`, "dev", link.host]);
    await execa("ip", ["link", "set", link.host, "up"]);
    const inside = (...args: readonly string[]) => execa("ip", ["-n", namespace, ...args]);
    await inside("address", "add", `${addresses.machine}/30`, "dev", link.machine);
    await inside("link", "set", link.machine, "up");
    await inside("link", "set", "lo", "up");
    const socket = `unix://${directory}/docker.sock`;
    closers.push(await startEngine(directory, socket));
    const enter = ["--net=/run/netns/" + namespace, "--"];
    return {
      directory,
      hostAddress: addresses.host,
      close,
      run: async (program, args, timeout) => {
        const result = await execa("nsenter", [...enter, program, ...args], { reject: false, all: true, timeout, env: { DOCKER_HOST: socket, DOCKER_CONTEXT: undefined } });
        return { exitCode: result.exitCode ?? -1, output: result.all, stdout: result.stdout };
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Not by `ip netns exec`, which mounts /sys anew, without the cgroups that the engine needs. */
async function startEngine(directory: string, socket: string): Promise<() => Promise<unknown>> {
  await mkdir(join(directory, "data"));
  const args = [
    `--net=/run/netns/${namespace}`, "--", "dockerd", "--host", socket, "--data-root", join(directory, "data"), "--exec-root", join(directory, "exec"),
    "--pidfile", join(directory, "docker.pid"), "--config-file", join(directory, "none.json"), "--log-level", "error",
  ];
  await execa("sh", ["-c", `echo '{}' > ${join(directory, "none.json")}`]);
  const engine = spawn("nsenter", args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  engine.stderr.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2_000)));
  const ended = new Promise<void>((resolve) => engine.on("exit", () => resolve()));
  const docker = (...args: readonly string[]) => execa("docker", ["--host", socket, ...args], { reject: false });
  for (let left = 60; (await docker("version")).failed; left -= 1) {
    if (left === 0 || engine.exitCode !== null) throw new Error(`the second Docker engine doesn't answer: ${said}`);
    await wait(500);
  }
  return async () => {
    const { stdout } = await docker("ps", "--all", "--quiet");
    const containers = stdout.split("\n").filter((id) => id !== "");
    if (containers.length > 0) await docker("rm", "--force", "--volumes", ...containers);
    engine.kill("SIGTERM");
    await Promise.race([ended, wait(20_000)]);
    // The engine holds its own network namespace mounted there, and leaves it.
    await execa("umount", [join(directory, "exec/netns/default")], { reject: false });
  };
}

/** Hands connections on from an address of this machine to another, as a store in a far region would be reached. */
export async function forward(from: string, to: { readonly host: string; readonly port: number }): Promise<{ readonly port: number; close(): Promise<unknown> }> {
  const server = createServer((incoming) => {
    const outgoing = connect(to.port, to.host);
    incoming.on("error", () => outgoing.destroy()).pipe(outgoing);
    outgoing.on("error", () => incoming.destroy()).pipe(incoming);
  });
  await new Promise<void>((resolve) => server.listen(0, from, resolve));
  return { port: (server.address() as AddressInfo).port, close: () => new Promise((resolve) => server.close(resolve)) };
}

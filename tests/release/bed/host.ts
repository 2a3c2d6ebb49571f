/**
 * A host of the test's own: network, mounts and processes apart from this machine's, with nothing but Docker and sshd.
 * /srv, /run and /var/lib/docker are its own; programs are this machine's. Needs root.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa, execaSync } from "execa";
import type { Destination } from "../../../tools/jlam/src/release/host/ssh.ts";

export interface TestHost {
  /** Where the test reaches it. */
  readonly address: string;
  /** This machine, as the host sees it: its registry is there. */
  readonly gateway: string;
  readonly destination: Destination;
  /** Folder of everything it keeps; `srv` is its /srv. */
  readonly folder: string;
  /** Runs a program on it, without SSH. */
  readonly run: (command: string, args?: readonly string[], options?: { readonly input?: string; readonly timeout?: number }) => Promise<string>;
  /** As `run`, and nothing of this process happens meanwhile. */
  readonly runNow: (command: string, args: readonly string[]) => void;
  readonly startEngine: () => Promise<void>;
  /** Cuts and mends its network, the registry's included. */
  readonly network: (state: "up" | "down") => Promise<void>;
  readonly remove: () => Promise<void>;
}

export interface HostOptions {
  /** Distinguishes hosts that live at the same time: 0 to 63. */
  readonly number: number;
  /** Registry on this machine: mirror of docker.io, trusted without TLS, and 127.0.0.1:PORT on the host as well. */
  readonly registryPort: number;
  /** Size of its /srv, where that shall be small: `8m`. */
  readonly srv?: string;
  /** Size of the disk for its images, where that shall be its own. */
  readonly images?: string;
  /** Whether containers outlive their engine; they do unless said, and can't in a Swarm. */
  readonly liveRestore?: boolean;
}

/** RFC 2544 keeps this range for tests of networks; nothing else here uses it. */
const addressOf = (number: number, last: number): string => `198.18.${number}.${last}`;

/** Why no host can be made here; undefined where one can. */
export const hostMissing = ((): string | undefined => {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "not run: making a host needs root on Linux";
  const missing = ["dockerd", "sshd", "ip", "nsenter", "unshare", "docker-registry", "mkfs.ext4"].filter((name) => !["/usr/sbin", "/usr/bin", "/sbin", "/bin"].some((folder) => existsSync(join(folder, name))));
  return missing.length === 0 ? undefined : `not run: ${missing.join(", ")} missing`;
})();

/** Makes a host, and waits until its engine answers. */
export async function makeHost({ number, registryPort, srv, images, liveRestore = true }: HostOptions): Promise<TestHost> {
  const name = `jlam-test-${number}`;
  const outside = `jlamt${number}`;
  const [gateway, address] = [addressOf(number, 1), addressOf(number, 2)];
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  for (const part of ["run", "docker", "srv"]) mkdirSync(join(folder, part));
  await removeNetwork(name, outside);
  await ip("netns", "add", name);
  await ip("link", "add", outside, "type", "veth", "peer", "name", "eth0", "netns", name);
  await ip("address", "add", `${gateway}/30`, "dev", outside);
  await ip("link", "set", outside, "up");
  for (const args of [["address", "add", `${address}/30`, "dev", "eth0"], ["link", "set", "eth0", "up"], ["link", "set", "lo", "up"]]) await ip("-n", name, ...args);

  const destination = await keys(folder, address);
  const registry = `${gateway}:${registryPort}`;
  if (images !== undefined) {
    // No blocks are kept back for root, so that what is free is what there is. The file has holes until it is written to.
    await execa("mkfs.ext4", ["-q", "-m", "0", join(folder, "images.ext4"), images]);
  }
  writeFileSync(join(folder, "engine.sh"), `exec dockerd ${liveRestore ? "--live-restore " : ""}--insecure-registry ${registry} --registry-mirror http://${registry} --log-level warn >>${folder}/dockerd.log 2>&1\n`);
  writeFileSync(join(folder, "start.sh"), [
    "set -e",
    // Below what is about to be hidden.
    images === undefined ? `mount --bind ${folder}/docker /var/lib/docker` : `mount -o loop ${folder}/images.ext4 /var/lib/docker`,
    srv === undefined ? `mount --bind ${folder}/srv /srv` : `mount -t tmpfs -o size=${srv} tmpfs /srv`,
    `mount --bind ${folder}/run /run`,
    "mkdir -p /run/sshd",
    `/usr/sbin/sshd -f ${folder}/sshd_config -E ${folder}/sshd.log`,
    `sh ${folder}/engine.sh &`,
    "while :; do sleep 3600 & wait $!; done",
  ].join("\n"));
  const log = openSync(join(folder, "start.log"), "a");
  const child: ChildProcess = spawn("nsenter", [`--net=/run/netns/${name}`, "unshare", "--mount", "--pid", "--uts", "--fork", "--kill-child", "--mount-proc", "sh", join(folder, "start.sh")], { stdio: ["ignore", log, log] });
  closeSync(log);
  const inside = await untilFound(() => firstChild(child.pid), `${name} did not start`);

  const run: TestHost["run"] = async (command, args = [], { input = "", timeout = 60_000 } = {}) => {
    const result = await execa("nsenter", [`--target=${inside}`, "--all", command, ...args], { input, timeout, reject: false, all: true });
    if (result.failed) throw new Error(`${command} ${args.join(" ")} on ${name}: ${result.all}`);
    return result.stdout;
  };
  const answers = async (): Promise<true | undefined> => ((await run("docker", ["version"]).catch(() => undefined)) === undefined ? undefined : true);
  const host: TestHost = {
    address,
    gateway,
    destination,
    folder,
    run,
    runNow: (command, args) => {
      const { failed, all } = execaSync("nsenter", [`--target=${inside}`, "--all", command, ...args], { timeout: 60_000, reject: false, all: true });
      if (failed) throw new Error(`${command} ${args.join(" ")} on ${name}: ${all}`);
    },
    startEngine: async () => {
      spawn("nsenter", [`--target=${inside}`, "--all", "sh", join(folder, "engine.sh")], { stdio: "ignore", detached: true }).unref();
      await untilFound(answers, `the engine of ${name} did not start`);
    },
    network: (state) => ip("link", "set", outside, state),
    remove: async () => {
      await run("sh", ["-c", "docker ps --all --quiet | xargs --no-run-if-empty docker rm --force; kill $(cat /run/docker.pid)"], { timeout: 60_000 }).catch(() => undefined);
      await sleep(500);
      child.kill("SIGKILL");
      await sleep(300);
      await removeNetwork(name, outside);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
  try {
    await untilFound(answers, `the engine of ${name} did not start`);
    await run("sh", ["-c", leadTo(gateway, registryPort)]);
  } catch (error) {
    const words = ["start.log", "dockerd.log"].map((file) => readFileSync(join(folder, file), "utf8")).join("\n");
    await host.remove();
    throw new Error(`${String(error)}\n${words}`, { cause: error });
  }
  return host;
}

/** The registry has one name everywhere: on the host, its port of 127.0.0.1 leads to this machine's. */
const leadTo = (gateway: string, port: number): string =>
  [
    "echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet",
    `iptables -t nat -A OUTPUT -d 127.0.0.1 -p tcp --dport ${port} -j DNAT --to-destination ${gateway}:${port}`,
    `iptables -t nat -A POSTROUTING -s 127.0.0.1 -d ${gateway} -p tcp --dport ${port} -j MASQUERADE`,
  ].join(" && ");

/** A host key, and a key that may sign in: made for this host, and gone with it. */
async function keys(folder: string, address: string): Promise<Destination> {
  for (const key of ["host", "person"]) await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", key, "-f", join(folder, key)]);
  const [type, key] = readFileSync(join(folder, "host.pub"), "utf8").split(" ");
  writeFileSync(join(folder, "known_hosts"), `${address} ${type} ${key}\n`);
  writeFileSync(join(folder, "sshd_config"), [
    "Port 22",
    `HostKey ${folder}/host`,
    `AuthorizedKeysFile ${folder}/person.pub`,
    "PermitRootLogin prohibit-password",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "UsePAM no",
    // The folder lies in /tmp, which others may write to.
    "StrictModes no",
    "PidFile none",
  ].join("\n"));
  return { address: `root@${address}`, port: 22, knownHosts: join(folder, "known_hosts"), identity: join(folder, "person") };
}

/** nsenter becomes unshare, whose child is the first process of the host. */
async function firstChild(pid: number | undefined): Promise<number | undefined> {
  if (pid === undefined) return undefined;
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return text === "" ? undefined : Number(text.split(" ")[0]);
}

async function untilFound<T>(look: () => Promise<T | undefined>, otherwise: string): Promise<T> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(100)) {
    const found = await look().catch(() => undefined);
    if (found !== undefined) return found;
  }
  throw new Error(otherwise);
}

async function removeNetwork(name: string, outside: string): Promise<void> {
  await execa("ip", ["link", "delete", outside], { reject: false });
  await execa("ip", ["netns", "delete", name], { reject: false });
}

async function ip(...args: readonly string[]): Promise<void> {
  await execa("ip", args);
}

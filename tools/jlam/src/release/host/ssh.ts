/** One SSH connection that many commands and tunnels share: OpenSSH's own program, a pinned host key, never a password. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { HostFailure } from "./host.ts";

/** How a host is reached. */
export interface Destination {
  /** `user@name`. */
  readonly address: string;
  readonly port: number;
  /** File with the host's own key, as known_hosts(5) has it; no other is believed. */
  readonly knownHosts: string;
  /** Private key; undefined: those of the agent and of the person's configuration. */
  readonly identity?: string;
}

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Connection {
  /** Runs a program with arguments on the host; what it is given on stdin ends with it. Milliseconds. */
  readonly run: (command: readonly string[], input: Uint8Array | string, timeout: number) => Promise<CommandResult>;
  /** A socket on this machine that leads to an address of the host's networks. */
  readonly tunnel: (address: string, port: number) => Promise<string>;
  readonly close: () => Promise<void>;
}

/** Longest wait for a connection, and for an answer to a sign of life (three are missed before it counts as cut). */
const connectSeconds = 10;
const aliveSeconds = 5;

/**
 * Connects, once for everything that follows, and says on the same way whether `file` is on the host: a path without
 * anything that a shell reads.
 * @throws HostFailure "unreachable" with OpenSSH's own words: no route, an unknown host key, a refused key
 */
export async function connect(destination: Destination, file: string): Promise<{ readonly connection: Connection; readonly hasFile: boolean }> {
  const folder = await mkdtemp(join(tmpdir(), "jlam-ssh-"));
  const control = join(folder, "control");
  const shared = ["-o", `ControlPath=${control}`, "-p", String(destination.port), "-T"];
  // It ends with this process, even when that is killed: its remote end reads until we are gone.
  const master = execa("ssh", [...shared, "-M", ...options(destination), destination.address, `test -f ${file}; echo $?; cat >/dev/null`], { reject: false, buffer: { stdout: false }, stdin: "pipe" });
  const spoken = new Promise<string>((resolve) => master.stdout.once("data", (data: Uint8Array) => resolve(Buffer.from(data).toString())));
  const first = await Promise.race([spoken, master]);
  if (typeof first !== "string") {
    await rm(folder, { recursive: true, force: true });
    throw unreachable(destination, first.stderr);
  }
  master.stdout.resume();
  const tunnels = new Map<string, Promise<string>>();
  const openTunnel = async (address: string, port: number): Promise<string> => {
    const socket = join(folder, `${address}-${port}`);
    const opened = await execa("ssh", [...shared, "-O", "forward", "-L", `${socket}:${address}:${port}`, destination.address], { reject: false, timeout: connectSeconds * 1000 });
    if (opened.failed) throw unreachable(destination, opened.stderr);
    return socket;
  };
  const connection: Connection = {
    async run(command, input, timeout) {
      const result = await execa("ssh", [...shared, destination.address, command.map(quoted).join(" ")], { input, timeout, reject: false, stripFinalNewline: false, maxBuffer: 64 * 1024 * 1024 });
      if (result.timedOut) throw new HostFailure(`${destination.address} took longer than ${Math.round(timeout / 1000)} s to ${command[2] ?? "answer"}.`, "too-slow");
      // 255 is OpenSSH's own: the command never ended there, or nobody heard of it.
      if (result.exitCode === undefined || result.exitCode === 255) throw unreachable(destination, result.stderr);
      return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr };
    },
    tunnel(address, port) {
      const name = `${address}:${port}`;
      const known = tunnels.get(name) ?? openTunnel(address, port);
      tunnels.set(name, known);
      known.catch(() => tunnels.delete(name));
      return known;
    },
    async close() {
      master.stdin.end();
      await execa("ssh", [...shared, "-O", "exit", destination.address], { reject: false, timeout: 2000 });
      master.kill("SIGTERM");
      await rm(folder, { recursive: true, force: true });
    },
  };
  return { connection, hasFile: first.startsWith("0") };
}

const options = ({ knownHosts, identity }: Destination): readonly string[] => [
  ...Object.entries({
    BatchMode: "yes",
    StrictHostKeyChecking: "yes",
    UserKnownHostsFile: knownHosts,
    GlobalKnownHostsFile: "/dev/null",
    PasswordAuthentication: "no",
    KbdInteractiveAuthentication: "no",
    ConnectTimeout: String(connectSeconds),
    ServerAliveInterval: String(aliveSeconds),
    ServerAliveCountMax: "3",
    ExitOnForwardFailure: "no",
    ControlPersist: "no",
    LogLevel: "ERROR",
  }).flatMap(([name, value]) => ["-o", `${name}=${value}`]),
  ...(identity === undefined ? [] : ["-i", identity, "-o", "IdentitiesOnly=yes"]),
];

const unreachable = ({ address, port }: Destination, words: string): HostFailure =>
  new HostFailure(`${address} (port ${port}) can't be reached by SSH: ${words.trim().split("\n").at(-1) || "the connection was cut"}`, "unreachable");

/** For the remote shell, which reads the command as one text. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Ports of the host: whether one is free, and who holds it. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { connect, createServer } from "node:net";
import { basename } from "node:path";
import { engine } from "./containers.ts";

export interface PortHolder {
  readonly address: string;
  readonly port: number;
  /** Who holds it, in words: `nginx (process 4711)`, `the container jlam-local-traefik-1`. */
  readonly holder: string;
}

/** Those of the addresses (`127.0.0.1:443`) that somebody listens on, with the holder's name. */
export async function takenPorts(addresses: readonly string[]): Promise<readonly PortHolder[]> {
  const found = await Promise.all(
    addresses.map(async (address): Promise<readonly PortHolder[]> => {
      const split = address.lastIndexOf(":");
      const [host, port] = [address.slice(0, split), Number(address.slice(split + 1))];
      if (await isFree(host, port)) return [];
      return [{ address: host, port, holder: (await containerAt(port)) ?? processAt(port) ?? "another program" }];
    }),
  );
  return found.flat();
}

/** Listens for a moment. Where only root may listen (ports below 1024), a connection tells. */
async function isFree(host: string, port: number): Promise<boolean> {
  const code = await new Promise<string | undefined>((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve("code" in error ? String(error.code) : "unknown"));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
  if (code === undefined) return true;
  return code === "EACCES" ? !(await answers(host === "0.0.0.0" ? "127.0.0.1" : host, port)) : false;
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1_000 });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
    socket.once("timeout", () => end(false));
  });
}

async function containerAt(port: number): Promise<string | undefined> {
  // `doctor` asks where no engine answers, too.
  const containers = await engine.listContainers().catch(() => []);
  const holder = containers.find(({ Ports }) => Ports.some(({ PublicPort }) => PublicPort === port));
  return holder && `the container ${holder.Names[0]?.replace(/^\//, "") ?? holder.Id}`;
}

/** Looks the listening socket up in /proc; undefined where there is none or we may not see it. */
function processAt(port: number): string | undefined {
  const inodes = listeningInodes(port);
  if (inodes.size === 0) return undefined;
  for (const pid of folders("/proc").filter((name) => /^\d+$/.test(name))) {
    for (const descriptor of folders(`/proc/${pid}/fd`)) {
      if (!inodes.has(link(`/proc/${pid}/fd/${descriptor}`))) continue;
      const [program] = text(`/proc/${pid}/cmdline`).split("\0");
      return `${basename(program || "a program")} (process ${pid})`;
    }
  }
  return undefined;
}

/** Links such as `socket:[4711]` of the sockets that listen (state 0A) on a port (proc_net_tcp). */
function listeningInodes(port: number): ReadonlySet<string> {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const lines = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((path) => text(path).split("\n"));
  return new Set(
    lines
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local, , state]) => local?.endsWith(`:${hex}`) && state === "0A")
      .map((fields) => `socket:[${fields[9] ?? ""}]`),
  );
}

// Processes come and go while we look, and others' are closed to us: what can't be read holds nothing that we can name.
function folders(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
function text(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

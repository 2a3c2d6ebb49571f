/** A real registry of the test's own, on this machine: images get real digests, and hosts pull by them. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { repositoryRoot } from "../../../tools/jlam/src/synth/platform.ts";

export interface TestRegistry {
  readonly port: number;
  /** Pushes an image of this machine's engine; returns its digest. */
  readonly push: (image: string, repository: string) => Promise<`sha256:${string}`>;
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
  readonly remove: () => Promise<void>;
}

/** Starts it on a free port of every address: the hosts are in networks of their own, and this machine's engine trusts 127.0.0.1 alone. */
export async function startRegistry(): Promise<TestRegistry> {
  const folder = mkdtempSync(join(tmpdir(), "jlam-bed-registry-"));
  // Layers are named by their content: kept from run to run, so that the large ones are pushed once.
  const data = join(repositoryRoot, ".jlam", "release-bed", "registry");
  mkdirSync(data, { recursive: true });
  const port = await freePort();
  const file = join(folder, "registry.yml");
  // JSON is YAML, which the registry reads.
  writeFileSync(file, JSON.stringify({ version: 0.1, log: { level: "error" }, storage: { filesystem: { rootdirectory: data }, delete: { enabled: true } }, http: { addr: `:${port}` } }));
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    child = spawn("docker-registry", ["serve", file], { stdio: "ignore" });
    for (const deadline = Date.now() + 20_000; Date.now() < deadline; await sleep(50)) {
      if ((await fetch(`http://127.0.0.1:${port}/v2/`).catch(() => undefined))?.ok === true) return;
    }
    throw new Error("the registry does not answer");
  };
  const stop = async (): Promise<void> => {
    const ended = new Promise((resolve) => (child === undefined || child.exitCode !== null ? resolve(undefined) : child.once("exit", resolve)));
    child?.kill("SIGKILL");
    await ended;
  };
  await start();
  return {
    port,
    start,
    stop,
    async push(image, repository) {
      const name = `127.0.0.1:${port}/${repository}`;
      await execa("docker", ["tag", image, name]);
      try {
        const { stdout } = await execa("docker", ["push", name], { timeout: 120_000 });
        const digest = /digest: sha256:([0-9a-f]{64})/.exec(stdout)?.[1];
        if (digest === undefined) throw new Error(`no digest in: ${stdout}`);
        return `sha256:${digest}`;
      } finally {
        await execa("docker", ["rmi", name], { reject: false });
      }
    },
    async remove() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  return await new Promise((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}

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
  /** `127.0.0.1:PORT`: what this machine and every host of a test call it. */
  readonly name: string;
  /** Pushes an image of this machine's engine; returns its digest. */
  readonly push: (image: string, repository: string) => Promise<`sha256:${string}`>;
  /** Makes an index of an image that is there, which says that it is for this architecture alone; returns its digest. */
  readonly indexed: (repository: string, digest: string, architecture: string) => Promise<`sha256:${string}`>;
  readonly stop: () => Promise<void>;
  /** `refusing`: nobody is let in. */
  readonly start: (options?: { readonly refusing?: boolean }) => Promise<void>;
  /** Lets it stand still for some milliseconds, without waiting for that. */
  readonly pause: (milliseconds: number) => void;
  readonly remove: () => Promise<void>;
}

/** Starts it on a free port of every address: the hosts are in networks of their own, and this machine's engine trusts 127.0.0.1 alone. */
export async function startRegistry(): Promise<TestRegistry> {
  const folder = mkdtempSync(join(tmpdir(), "jlam-bed-registry-"));
  // Layers are named by their content: kept from run to run, so that the large ones are pushed once.
  const data = join(repositoryRoot, ".jlam", "release-bed", "registry");
  mkdirSync(data, { recursive: true });
  const port = await freePort();
  const [open, closed, nobody] = [join(folder, "open.yml"), join(folder, "closed.yml"), join(folder, "nobody")];
  const configuration = { version: 0.1, log: { level: "error" }, storage: { filesystem: { rootdirectory: data }, delete: { enabled: true } }, http: { addr: `:${port}` } };
  // JSON is YAML, which the registry reads.
  writeFileSync(open, JSON.stringify(configuration));
  writeFileSync(closed, JSON.stringify({ ...configuration, auth: { htpasswd: { realm: "nobody", path: nobody } } }));
  writeFileSync(nobody, "");
  let child: ChildProcess | undefined;
  const start: TestRegistry["start"] = async ({ refusing = false } = {}) => {
    child = spawn("docker-registry", ["serve", refusing ? closed : open], { stdio: "ignore" });
    for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(50)) {
      if ((await fetch(`http://127.0.0.1:${port}/v2/`).catch(() => undefined))?.status === (refusing ? 401 : 200)) return;
    }
    throw new Error("the registry does not answer");
  };
  const stop = async (): Promise<void> => {
    const ended = new Promise((resolve) => (child === undefined || child.exitCode !== null || child.signalCode !== null ? resolve(undefined) : child.once("exit", resolve)));
    child?.kill("SIGKILL");
    await ended;
  };
  await start();
  return {
    port,
    name: `127.0.0.1:${port}`,
    start,
    stop,
    pause(milliseconds) {
      const paused = child;
      paused?.kill("SIGSTOP");
      setTimeout(() => paused?.kill("SIGCONT"), milliseconds);
    },
    async indexed(repository, digest, architecture) {
      const manifests = `http://127.0.0.1:${port}/v2/${repository}/manifests`;
      const answer = await fetch(`${manifests}/${digest}`, { headers: { accept: manifestTypes.join() } });
      const mediaType = answer.headers.get("content-type");
      const size = (await answer.arrayBuffer()).byteLength;
      const body = JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: [{ mediaType, digest, size, platform: { architecture, os: "linux" } }] });
      const put = await fetch(`${manifests}/${architecture}`, { method: "PUT", headers: { "content-type": indexType }, body });
      const made = put.headers.get("docker-content-digest") ?? "";
      if (!isDigest(made)) throw new Error(`the registry took no index: ${put.status}`);
      return made;
    },
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

/** Docker's own types: the registry's version 2.8 keeps no others. */
const manifestTypes = ["application/vnd.docker.distribution.manifest.v2+json", "application/vnd.oci.image.manifest.v1+json"] as const;
const indexType = "application/vnd.docker.distribution.manifest.list.v2+json";
const isDigest = (text: string): text is `sha256:${string}` => /^sha256:[0-9a-f]{64}$/.test(text);

async function freePort(): Promise<number> {
  const server = createServer();
  return await new Promise((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}

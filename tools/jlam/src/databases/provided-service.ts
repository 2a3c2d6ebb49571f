/** Runs one service of a provider in a container, hardened as every emitted service is, so that tests can talk to it. */
import { randomBytes } from "node:crypto";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { PassThrough, Readable } from "node:stream";
import type { Provider, ServiceNode } from "@jlam/compose-dsl";
import Docker from "dockerode";

const docker = new Docker();
const label = "nl.jlam.test";

/** One secret file of the container, and the values (by name) that it was derived from, which stay outside. */
export interface MadeSecret {
  readonly name: string;
  readonly value: string;
  readonly sources: Readonly<Record<string, string>>;
}

/** A running service with the secrets that were made for it. */
export interface RunningService {
  /** Address of the container from this machine. */
  readonly host: string;
  readonly node: ServiceNode;
  readonly secrets: readonly MadeSecret[];
  /** Runs a program in the container, as its user or as another. */
  exec(command: readonly string[], options?: { readonly user?: string }): Promise<{ readonly exitCode: number; readonly output: string }>;
  logs(): Promise<string>;
  restart(): Promise<void>;
  /** Ends the container and removes its volumes. */
  stop(): Promise<void>;
}

/**
 * The image to test a service with: the one that JLAM_IMAGE_<NAME> gives, one built from packages, or the official one;
 * undefined when none of them is on this machine, so that the tests that need it skip.
 *
 * @throws Error in that case with JLAM_REQUIRE_ALL=1, where a skip is a failure
 */
export async function imageOnThisMachine({ image }: Pick<ServiceNode, "image">): Promise<string | undefined> {
  const given = process.env[`JLAM_IMAGE_${image.name.toUpperCase().replaceAll("-", "_")}`];
  if (given !== undefined) return given;
  const official = image.kind === "registry" ? [`${image.repository}:${image.tag}`, `${image.repository}:${image.tag}`.replace(/^docker\.io\/(library\/)?/, "")] : [];
  const tags = (await docker.listImages().catch(() => [])).flatMap((listed) => listed.RepoTags ?? []);
  const found = tags.find((tag) => tag.startsWith(`jlam-packages/${image.name}:`)) ?? tags.find((tag) => official.includes(tag));
  if (found === undefined && process.env["JLAM_REQUIRE_ALL"] === "1") throw new Error(`No image of ${image.name} is on this machine.`);
  return found;
}

/** Starts the only service of a provider, with further labels, and waits until its health check passes, for at most two minutes. */
export async function startProvided(provider: Provider, image: string, labels: Readonly<Record<string, string>> = {}): Promise<RunningService> {
  const node = provider.services[0];
  if (node === undefined) throw new RangeError(`The provider of ${provider.provides.name} runs nothing here.`);
  const directory = await mkdtemp(join(tmpdir(), "jlam-provided-"));
  const secrets = secretValues(node);
  const files = await writeFiles(directory, node, secrets);
  const volumes: string[] = [];
  const binds = [...files];
  for (const [path, mount] of Object.entries(node.mounts)) {
    if (mount.kind !== "volume") continue;
    const volume = await docker.createVolume({ Labels: { [label]: "databases" } });
    volumes.push(volume.name);
    binds.push(`${volume.name}:${path}`);
  }
  const health = node.health;
  if (health?.kind !== "command") throw new RangeError(`${node.name} has no health command to wait for.`);
  const container = await docker.createContainer({
    Image: image,
    ...(node.command === undefined ? {} : { Cmd: [...node.command] }),
    ...(node.entrypoint === undefined ? {} : { Entrypoint: [...node.entrypoint] }),
    User: node.user,
    Env: Object.entries(node.settings).map(([key, value]) => `${key}=${settingText(node, value)}`),
    Labels: { [label]: "databases", ...labels },
    Healthcheck: { Test: ["CMD", ...health.command], Interval: 1e9, Timeout: health.timing.timeout.ms * 1e6, Retries: 120 },
    HostConfig: {
      Binds: binds,
      Tmpfs: Object.fromEntries(Object.entries(node.tmpfs).map(([path, size]) => [path, `size=${size.bytes},mode=1777`])),
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      Memory: node.resources.memory.bytes,
      NanoCpus: node.resources.cpus * 1e9,
      PidsLimit: node.resources.pids,
      ...(node.sharedMemory === undefined ? {} : { ShmSize: node.sharedMemory.bytes }),
    },
  });
  let host = "";
  const awaited = async (): Promise<void> => {
    await untilHealthy(container);
    host = (await container.inspect()).NetworkSettings.Networks["bridge"]?.IPAddress ?? "";
  };
  const service: RunningService = {
    // Another container may have taken its address while it restarted.
    get host() {
      return host;
    },
    node,
    secrets,
    exec: (command, options) => execIn(container, command, options?.user ?? node.user),
    logs: async () => readAll(Readable.from([await container.logs({ stdout: true, stderr: true })])),
    restart: async () => {
      await container.restart({ t: node.stopGrace.ms / 1000 });
      await awaited();
    },
    stop: async () => {
      await container.remove({ force: true, v: true });
      for (const volume of volumes) await docker.getVolume(volume).remove();
      await rm(directory, { recursive: true });
    },
  };
  try {
    await container.start();
    await awaited();
    return service;
  } catch (error) {
    const log = await service.logs();
    await service.stop();
    throw new Error(`${node.name} did not become healthy:\n${log}`, { cause: error });
  }
}

function settingText(node: ServiceNode, setting: ServiceNode["settings"][string]): string {
  if (typeof setting !== "object") return String(setting);
  const number = setting.kind === "port-number" ? node.ports[setting.port]?.number : undefined;
  if (number === undefined) throw new RangeError(`${node.name} has a setting of kind ${setting.kind}, which only an environment can fill in.`);
  return String(number);
}

function secretValues(node: ServiceNode): readonly MadeSecret[] {
  const random = (): string => `p${randomBytes(24).toString("base64url")}`;
  return Object.entries(node.secrets).map(([name, secret]) => {
    if (secret.kind !== "derived") return { name, value: random(), sources: {} };
    const sources = Object.fromEntries(Object.keys(secret.from).map((source) => [source, random()]));
    return { name, value: secret.render(sources), sources };
  });
}

/** Writes secrets and configuration files, and gives their mounts. */
async function writeFiles(directory: string, node: ServiceNode, secrets: readonly MadeSecret[]): Promise<readonly string[]> {
  const wanted = [
    ...secrets.map(({ name, value }) => [`/run/secrets/${name}`, value] as const),
    ...Object.entries(node.mounts).flatMap(([path, mount]) =>
      mount.kind === "config-file" && mount.content.kind === "text" ? [[path, mount.content.text] as const] : []),
  ];
  await mkdir(join(directory, "files"));
  return Promise.all(wanted.map(async ([path, content], index) => {
    const file = join(directory, "files", String(index));
    await writeFile(file, content);
    await chmod(file, 0o444);
    return `${file}:${path}:ro`;
  }));
}

async function untilHealthy(container: Docker.Container): Promise<void> {
  const end = Date.now() + 120_000;
  for (;;) {
    const { State } = await container.inspect();
    if (State.Health?.Status === "healthy") return;
    if (!State.Running) throw new Error(`it ended with code ${State.ExitCode}`);
    if (Date.now() > end) throw new Error("two minutes have passed");
    await wait(200);
  }
}

async function execIn(container: Docker.Container, command: readonly string[], user: string) {
  const exec = await container.exec({ Cmd: [...command], User: user, AttachStdout: true, AttachStderr: true });
  const output = await readAll(await exec.start({}));
  const { ExitCode } = await exec.inspect();
  return { exitCode: ExitCode ?? -1, output };
}

/** Docker sends output and errors in one stream of frames; this gives their texts in order. */
async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  const texts = new PassThrough().on("data", (chunk: Buffer) => chunks.push(chunk));
  docker.modem.demuxStream(stream, texts, texts);
  await new Promise((resolve, reject) => stream.on("end", resolve).on("error", reject));
  return Buffer.concat(chunks).toString("utf8");
}

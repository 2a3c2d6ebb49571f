/** The containers of an environment as the engine sees them. */
import { z } from "zod";
import { engineClient } from "./engine-client.ts";

export type Health = "starting" | "healthy" | "unhealthy";
export type ContainerStatus = "created" | "running" | "paused" | "restarting" | "removing" | "exited" | "dead";

export interface ContainerState {
  readonly id: string;
  readonly name: string;
  /** Name of the service it runs. */
  readonly service: string;
  /** Image as it was asked for, and the content that was found under that name. */
  readonly image: string;
  readonly imageId: string;
  readonly status: ContainerStatus;
  /** Undefined without a health check. */
  readonly health: Health | undefined;
  /** Output of the last health check. */
  readonly healthOutput: string;
  readonly exitCode: number;
  readonly outOfMemory: boolean;
  readonly restarts: number;
  /** Milliseconds since 1970; undefined where it hasn't happened. */
  readonly created: number;
  readonly started: number | undefined;
  readonly finished: number | undefined;
  /** Compose's hash of the configuration it was made from. */
  readonly configurationHash: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Ports of the host that it publishes: `address:port`. */
  readonly published: readonly string[];
  readonly error: string;
}

export const engine = engineClient();

/** Containers of a Compose project, running or not, by the order of their services' names. */
export async function listContainers(project: string): Promise<readonly ContainerState[]> {
  const listed = await engine.listContainers({
    all: true,
    filters: { label: [`com.docker.compose.project=${project}`, "com.docker.compose.oneoff=False"] },
  });
  const states = await Promise.all(listed.map(({ Id }) => inspectContainer(Id)));
  return states.filter((state) => state !== undefined).sort((a, b) => (a.service < b.service ? -1 : 1));
}

/** One container; undefined where it has gone. */
async function inspectContainer(id: string): Promise<ContainerState | undefined> {
  const info = await engine.getContainer(id).inspect().catch(ifGone);
  if (info === undefined) return undefined;
  const { State, Config, HostConfig } = info;
  const labels = Config.Labels;
  return {
    id: info.Id,
    name: info.Name.replace(/^\//, ""),
    service: labels["com.docker.compose.service"] ?? "",
    image: Config.Image,
    imageId: info.Image,
    status: statusOf(State.Status),
    health: healthOf(State.Health?.Status),
    healthOutput: State.Health?.Log.at(-1)?.Output.trim() ?? "",
    exitCode: State.ExitCode,
    outOfMemory: State.OOMKilled,
    restarts: info.RestartCount,
    created: Date.parse(info.Created),
    started: time(State.StartedAt),
    finished: time(State.FinishedAt),
    configurationHash: labels["com.docker.compose.config-hash"] ?? "",
    labels,
    published: publishedPorts(HostConfig.PortBindings)
      .map(({ HostIp, HostPort }) => `${HostIp || "0.0.0.0"}:${HostPort ?? ""}`),
    error: State.Error,
  };
}

/** Docker's map of container ports to host ports, which dockerode leaves untyped. */
const portBindings = z.record(z.string(), z.array(z.object({ HostIp: z.string().optional(), HostPort: z.string().optional() })).nullable()).nullish();

const publishedPorts = (bindings: unknown) => Object.values(portBindings.parse(bindings) ?? {}).flatMap((ports) => ports ?? []);

/** The content behind an image's name on this machine; undefined where there is none. */
export async function imageContent(reference: string): Promise<string | undefined> {
  const image = await engine.getImage(reference).inspect().catch(ifGone);
  return image?.Id;
}

/** The last lines that a container wrote, both streams in order. */
export async function lastLines(id: string, lines: number): Promise<readonly string[]> {
  const log = await engine.getContainer(id).logs({ stdout: true, stderr: true, tail: lines, follow: false }).catch(ifGone);
  if (log === undefined) return [];
  return demultiplex(log).trimEnd().split("\n").filter((line) => line !== "");
}

/** Docker sends both streams in frames: one byte for the stream, three of zero, four for the length, then the text. */
export function demultiplex(log: Buffer): string {
  const parts: string[] = [];
  let at = 0;
  while (at + 8 <= log.length) {
    const length = log.readUInt32BE(at + 4);
    parts.push(log.toString("utf8", at + 8, at + 8 + length));
    at += 8 + length;
  }
  return parts.join("");
}

/** What is asked about may have gone since it was listed; anything else is a failure. */
export function ifGone(error: unknown): undefined {
  if (error instanceof Error && "statusCode" in error && error.statusCode === 404) return undefined;
  throw error;
}

const statuses: readonly ContainerStatus[] = ["created", "running", "paused", "restarting", "removing", "exited", "dead"];
const statusOf = (text: string): ContainerStatus => statuses.find((status) => status === text) ?? "dead";

const healths: readonly Health[] = ["starting", "healthy", "unhealthy"];
const healthOf = (text: string | undefined): Health | undefined => healths.find((health) => health === text);

/** Docker writes the year 1 for what hasn't happened. */
function time(text: string): number | undefined {
  const ms = Date.parse(text);
  return Number.isNaN(ms) || ms <= 0 ? undefined : ms;
}

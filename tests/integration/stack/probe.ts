/** Runs a program of ours inside a container's network or process namespace, where its own image may not even have a shell. */
import { join } from "node:path";
import type { ContainerCreateOptions, HostConfig } from "dockerode";
import { inject } from "vitest";
import type { z } from "zod";
import { demultiplex, engine, ifGone } from "../../../tools/jlam/src/runtime/containers.ts";
import { inspect } from "./environment.ts";

type Program = "connect" | "processes" | "ask-docker";

export interface Probe<T> {
  readonly program: Program;
  readonly input?: unknown;
  readonly output: z.ZodType<T>;
  readonly in: Pick<HostConfig, "NetworkMode" | "PidMode" | "CapAdd">;
  /** More networks of the environment to be on. */
  readonly networks?: readonly string[];
  readonly user?: string;
}

const programs = join(import.meta.dirname, "programs");

/** Names are looked up by threads, four unless said otherwise; a name that nobody knows keeps one busy for seconds. */
const threads = "UV_THREADPOOL_SIZE=128";

/** The labels by which a probe is cleaned up even where a test was killed. */
export const probeLabels = { "nl.jlam.environment": "ci", "nl.jlam.test": "probe" };

/** Runs the program in a container of the web application's image, and gives what it printed. */
export async function probe<T>({ program, input, output, in: host, networks = [], user = "1000:1000" }: Probe<T>): Promise<T> {
  const text = await runNode({
    Cmd: [`/programs/${program}.ts`],
    Env: [`PROBE_INPUT=${JSON.stringify(input)}`, "NODE_NO_WARNINGS=1", threads],
    User: user,
    HostConfig: { ...host, Binds: [`${programs}:/programs:ro`] },
  }, networks);
  return output.parse(JSON.parse(text));
}

/** Runs Node in a container that is gone afterwards, and gives what it printed on stdout. Throws for an exit code but 0. */
export async function runNode(options: ContainerCreateOptions, networks: readonly string[] = []): Promise<string> {
  const container = await engine.createContainer({ Image: (await inspect("web")).Image, Entrypoint: ["node"], Labels: probeLabels, ...options });
  try {
    for (const network of networks) await engine.getNetwork(network).connect({ Container: container.id });
    await container.start();
    const { StatusCode: code }: { readonly StatusCode: number } = await container.wait();
    const printed = demultiplex(await container.logs({ stdout: true, stderr: code !== 0, follow: false }));
    if (code !== 0) throw new Error(`The probe ended with ${code}: ${printed}`);
    return printed;
  } finally {
    await container.remove({ force: true, v: true }).catch(ifGone);
  }
}

/** The name that a network of the model has on the engine. */
export const networkOnEngine = (network: string): string => `${inject("project").name}-${network}`;

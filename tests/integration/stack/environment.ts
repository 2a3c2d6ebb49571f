/** The tested environment: its resolved model, and the containers that run it. */
import type { ResolvedService } from "@jlam/compose-dsl";
import type { ContainerInspectInfo } from "dockerode";
import { inject } from "vitest";
import { engine } from "../../../tools/jlam/src/runtime/containers.ts";
import { loadWithGiven } from "../../../tools/jlam/src/runtime/bootable.ts";
import { repositoryRoot } from "../../../tools/jlam/src/synth/platform.ts";

/** For the versions of the images that JLAM_IMAGE_<NAME> gives, as `jlam up` boots it. */
export const { environment: ci, directory: emitted, versions } = await loadWithGiven("ci", repositoryRoot);

/** The services whose image can be had here, one-shots among them. */
export function startedServices(): readonly ResolvedService[] {
  const leftOut = new Set(inject("leftOut").map(({ service }) => service));
  const isIdle = ({ node: { standsInFor } }: ResolvedService): boolean => standsInFor.length > 0 && !standsInFor.some((name) => leftOut.has(name));
  return [...ci.services.values()].filter((service) => !leftOut.has(service.name) && !isIdle(service));
}

/** Those that keep running. */
export const runningServices = (): readonly ResolvedService[] => startedServices().filter(({ node }) => node.kind === "service");

/** What the engine knows of a service's container; it must be there. */
export async function inspect(service: string): Promise<ContainerInspectInfo> {
  return await engine.getContainer(await containerId(service)).inspect();
}

/** Looked up every time: a test may have made it anew. */
export async function containerId(service: string): Promise<string> {
  const [found] = await engine.listContainers({
    all: true,
    filters: { label: [`com.docker.compose.project=${inject("project").name}`, `com.docker.compose.service=${service}`, "com.docker.compose.oneoff=False"] },
  });
  if (found === undefined) throw new Error(`${service} has no container.`);
  return found.Id;
}

/** A service of the model by name. */
export function serviceNamed(name: string): ResolvedService {
  const service = ci.services.get(name);
  if (service === undefined) throw new Error(`ci has no service ${name}.`);
  return service;
}

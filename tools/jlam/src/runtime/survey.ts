/** Compares what should run with what the engine has: the plan, and what stands in the way. */
import { newestSecret } from "../secrets/files.ts";
import { secretPaths } from "../secrets/provide.ts";
import { imageContent, listContainers, type ContainerState } from "./containers.ts";
import { judge } from "./judge.ts";
import { staleNetworks, type StaleNetwork } from "./networks.ts";
import { planServices, type PlannedService } from "./plan.ts";
import type { Prepared } from "./prepare.ts";
import { configurationHashes } from "./project.ts";
import { imageReferences } from "./images.ts";
import { untoldServices, type Untold } from "./taken-up.ts";

export interface Survey {
  readonly containers: readonly ContainerState[];
  readonly plan: readonly PlannedService[];
  /** Containers to take away: of services that are no longer declared, are left out now or have nobody to stand in for, or half made when a start was killed. */
  readonly leftovers: readonly ContainerState[];
  readonly networks: readonly StaleNetwork[];
  /** Services that don't know their secrets of now; they are made ready and told before anything that needs them. */
  readonly untold: readonly Untold[];
  /** Nothing is to be done, and everything is healthy. */
  readonly settled: boolean;
}

/** While Compose replaces a container, the new one has the old one's id before its name. */
export const halfMade = /^[0-9a-f]{12}_/;

/** Looks; changes nothing. */
export async function survey({ environment, project, selection }: Prepared, root: string, recreate: readonly string[]): Promise<Survey> {
  const [listed, hashes, networks] = await Promise.all([listContainers(project.name), configurationHashes(project), staleNetworks(environment)]);
  const untold = await untoldServices(environment, selection.services, listed, root);
  const doomed = new Set(networks.flatMap(({ containers }) => containers.map(({ id }) => id)));
  const unwanted = new Set([...selection.leftOut.map(({ service }) => service), ...selection.idle]);
  const leftovers = listed.filter(({ service, name }) => !environment.services.has(service) || unwanted.has(service) || halfMade.test(name));
  const containers = listed.filter((container) => !doomed.has(container.id) && !leftovers.includes(container));
  const references = imageReferences(selection.services, project.variables);
  const contents = new Map(await Promise.all([...new Set(references.values())].map(async (reference) => [reference, await imageContent(reference)] as const)));
  const files = secretPaths(root, environment.name).files;
  const plan = planServices({
    services: selection.services,
    containers,
    hashes,
    imageIds: new Map([...references].map(([service, reference]) => [service, contents.get(reference)])),
    secretTimes: new Map(selection.services.map(({ name }) => [name, newestSecret(files, name)])),
    recreate,
  });
  const now = Date.now();
  const ready = selection.services.every((service) => {
    const container = containers.find((candidate) => candidate.service === service.name);
    return judge(service, container, [], { now, began: now, allStarted: true }).kind === "ready";
  });
  const idle = plan.every(({ action }) => action === "keep") && networks.length === 0 && leftovers.length === 0 && untold.length === 0;
  return { containers: listed, plan, leftovers, networks, untold, settled: idle && ready };
}

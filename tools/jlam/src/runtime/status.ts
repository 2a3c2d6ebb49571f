/** `status`: what of an environment runs, since when, and how it is. Reads only, and works when nothing is up. */
import { projectName } from "@jlam/compose-dsl";
import { repositoryRoot } from "../synth/platform.ts";
import { addressesOf, type Address } from "./addresses.ts";
import { loadRunning } from "./bootable.ts";
import { engine, ifGone, listContainers, type ContainerState, type ContainerStatus, type Health } from "./containers.ts";
import { requireEngine } from "./engine-client.ts";

export interface ServiceStatus {
  readonly service: string;
  readonly stack: string;
  readonly oneShot: boolean;
  readonly status: ContainerStatus | "absent";
  readonly health: Health | undefined;
  readonly exitCode: number | undefined;
  /** When it reached this state, in UTC (ISO 8601). */
  readonly since: string | undefined;
  readonly restarts: number;
  /** Bytes in use, without what the kernel would give back (inactive files), and the limit. */
  readonly memory: number | undefined;
  readonly memoryLimit: number;
  readonly image: string | undefined;
  readonly container: string | undefined;
  readonly addresses: readonly string[];
}

export interface EnvironmentStatus {
  readonly environment: string;
  /** Every service that has a container is running and healthy, or has done its job; and there is one. */
  readonly healthy: boolean;
  readonly services: readonly ServiceStatus[];
  readonly addresses: readonly Address[];
}

/** Looks at an environment on this machine. Throws a PersonError for an unknown one, or where no engine answers. */
export async function status(name: string, root: string = repositoryRoot): Promise<EnvironmentStatus> {
  const environment = await loadRunning(name, root);
  await requireEngine(engine);
  const containers = await listContainers(projectName(name));
  const byService = new Map(containers.map((container) => [container.service, container]));
  const ready = new Set(containers.filter(isReady).map(({ service }) => service));
  const addresses = addressesOf(environment, ready);
  const services = await Promise.all(
    [...environment.services.values()].map(async ({ name: service, stack, node }): Promise<ServiceStatus> => {
      const container = byService.get(service);
      return {
        service,
        stack,
        oneShot: node.kind === "job",
        status: container?.status ?? "absent",
        health: container?.health,
        exitCode: container?.status === "exited" ? container.exitCode : undefined,
        since: sinceOf(container),
        restarts: container?.restarts ?? 0,
        memory: container?.status === "running" ? await memoryInUse(container.id) : undefined,
        memoryLimit: node.resources.memory.bytes,
        image: container?.image,
        container: container?.id,
        addresses: addresses.filter((address) => address.service === service).map(({ url }) => url),
      };
    }),
  );
  const done = (service: ServiceStatus): boolean => service.oneShot && service.exitCode === 0;
  const there = services.filter(({ status: state }) => state !== "absent");
  return { environment: name, healthy: there.length > 0 && there.every((service) => ready.has(service.service) || done(service)), services, addresses };
}

/** How it is, in words: `healthy`, `not started`, `done`, `ended with 1`. */
export function stateOf({ status: state, exitCode, health, oneShot }: ServiceStatus): string {
  if (state === "absent") return "not started";
  if (exitCode === undefined) return state === "running" ? (health ?? state) : state;
  return oneShot && exitCode === 0 ? "done" : `ended with ${exitCode}`;
}

/** Whether a container does what it should now. */
const isReady = ({ status: state, health }: ContainerState): boolean => state === "running" && (health === "healthy" || health === undefined);

function sinceOf(container: ContainerState | undefined): string | undefined {
  const ms = container?.status === "running" ? container.started : (container?.finished ?? container?.created);
  return ms === undefined ? undefined : new Date(ms).toISOString();
}

/** As `docker stats` counts it, from one sample. */
async function memoryInUse(id: string): Promise<number | undefined> {
  const stats = await engine.getContainer(id).stats({ stream: false, "one-shot": true }).catch(ifGone);
  const usage = stats?.memory_stats.usage;
  if (stats === undefined || usage === undefined) return undefined;
  // cgroup v1 and v2 name the same figure differently; each has one of the two.
  const figures = new Map<string, number>(Object.entries(stats.memory_stats.stats));
  return usage - (figures.get("total_inactive_file") ?? figures.get("inactive_file") ?? 0);
}

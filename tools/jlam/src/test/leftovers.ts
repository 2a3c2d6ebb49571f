/** Takes an environment away whole, data included, by its label: for tests, which must leave nothing and find nothing. */
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { engine, ifGone } from "../runtime/containers.ts";

const byLabel = (environment: string) => ({ label: [`nl.jlam.environment=${environment}`] });

/** A container that was told to stop takes its grace period; a Compose that was ended may have been making one more. */
const limit = 60_000;

/**
 * Removes every container, network and volume that carries the environment's label, and says how many there were.
 * @throws Error for what is still there after a minute
 */
export async function removeEnvironment(environment: string): Promise<number> {
  const found = (await leftovers(environment)).length;
  const end = Date.now() + limit;
  for (let left = found; left > 0; left = (await leftovers(environment)).length) {
    if (Date.now() > end) throw new Error(`These can't be removed: ${(await leftovers(environment)).join(", ")}`);
    await removeOnce(environment);
  }
  return found;
}

async function removeOnce(environment: string): Promise<void> {
  const filters = byLabel(environment);
  const containers = await engine.listContainers({ all: true, filters });
  await Promise.all(containers.map(({ Id }) => engine.getContainer(Id).remove({ force: true, v: true }).catch(ifGoneOrBusy)));
  const [networks, { Volumes: volumes }] = await Promise.all([engine.listNetworks({ filters }), engine.listVolumes({ filters })]);
  await Promise.all(networks.map(removeNetwork));
  await Promise.all(volumes.map(({ Name }) => engine.getVolume(Name).remove().catch(ifGoneOrBusy)));
  if (containers.length + networks.length + volumes.length > 0) await sleep(200);
}

/** 409: somebody else is removing it at this moment, or a container that is about to go still has it. 403: the same of a network. */
function ifGoneOrBusy(error: unknown): undefined {
  if (error instanceof Error && "statusCode" in error && (error.statusCode === 409 || error.statusCode === 403)) return undefined;
  return ifGone(error);
}

/** A container of somebody else on it, such as a probe, is only disconnected. */
async function removeNetwork({ Id }: Docker.NetworkInspectInfo): Promise<void> {
  const network = engine.getNetwork(Id);
  const attached = await network.inspect().catch(ifGone);
  for (const container of Object.keys(attached?.Containers ?? {})) await network.disconnect({ Container: container, Force: true }).catch(ifGoneOrBusy);
  await network.remove().catch(ifGoneOrBusy);
}

/** What carries the environment's label now, by name. */
export async function leftovers(environment: string): Promise<readonly string[]> {
  const filters = byLabel(environment);
  const [containers, networks, { Volumes: volumes }] = await Promise.all([
    engine.listContainers({ all: true, filters }),
    engine.listNetworks({ filters }),
    engine.listVolumes({ filters }),
  ]);
  return [
    ...containers.map(({ Names }) => `container ${Names[0] ?? ""}`),
    ...networks.map(({ Name }) => `network ${Name}`),
    ...volumes.map(({ Name }) => `volume ${Name}`),
  ];
}

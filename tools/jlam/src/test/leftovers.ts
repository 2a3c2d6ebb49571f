/** Takes an environment away whole, data included, by its label: for tests, which must leave nothing and find nothing. */
import type Docker from "dockerode";
import { engine, ifGone } from "../runtime/containers.ts";

const byLabel = (environment: string) => ({ label: [`nl.jlam.environment=${environment}`] });

/** Removes every container, network and volume that carries the environment's label, and says how many there were. */
export async function removeEnvironment(environment: string): Promise<number> {
  const filters = byLabel(environment);
  const containers = await engine.listContainers({ all: true, filters });
  await Promise.all(containers.map(({ Id }) => engine.getContainer(Id).remove({ force: true, v: true }).catch(ifGone)));
  const [networks, { Volumes: volumes }] = await Promise.all([engine.listNetworks({ filters }), engine.listVolumes({ filters })]);
  await Promise.all(networks.map(removeNetwork));
  await Promise.all(volumes.map(({ Name }) => engine.getVolume(Name).remove().catch(ifGone)));
  return containers.length + networks.length + volumes.length;
}

/** A container of somebody else on it, such as a probe, is only disconnected. */
async function removeNetwork({ Id }: Docker.NetworkInspectInfo): Promise<void> {
  const network = engine.getNetwork(Id);
  const attached = await network.inspect().catch(ifGone);
  for (const container of Object.keys(attached?.Containers ?? {})) await network.disconnect({ Container: container, Force: true }).catch(ifGone);
  await network.remove().catch(ifGone);
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

/** Networks that earlier runs left: Compose 2.26 keeps one whose subnet changed in the files, and then nothing fits. */
import type { ResolvedEnvironment } from "@jlam/compose-dsl";
import { engine, ifGone } from "./containers.ts";

export interface StaleNetwork {
  readonly name: string;
  readonly because: string;
  /** Containers on it, running or not. */
  readonly containers: readonly { readonly id: string; readonly ours: boolean }[];
}

/** The environment's networks on the engine that are no longer as declared, or not declared any more. */
export async function staleNetworks(environment: ResolvedEnvironment): Promise<readonly StaleNetwork[]> {
  const listed = await engine.listNetworks({ filters: { label: [`nl.jlam.environment=${environment.name}`] } });
  const found = await Promise.all(
    listed.map(async ({ Id, Name, Labels }): Promise<readonly StaleNetwork[]> => {
      const declared = environment.networks.get(Labels?.["com.docker.compose.network"] ?? "");
      const info = await engine.getNetwork(Id).inspect().catch(ifGone);
      if (info === undefined) return [];
      const subnet = info.IPAM?.Config?.[0]?.Subnet;
      const because =
        declared === undefined
          ? "nothing declares it any more"
          : subnet !== declared.subnet
            ? `its subnet was ${subnet ?? "Docker's choice"} and is ${declared.subnet} now`
            : info.Internal !== declared.internal
              ? `it is ${declared.internal ? "internal" : "no longer internal"} now`
              : undefined;
      if (because === undefined) return [];
      const attached = await engine.listContainers({ all: true, filters: { network: [Name] } });
      const containers = attached.map(({ Id: id, Labels: labels }) => ({ id, ours: labels["nl.jlam.environment"] === environment.name }));
      return [{ name: Name, because, containers }];
    }),
  );
  return found.flat();
}

/** Takes stale networks away with our containers on them, which are made anew; volumes stay, others are disconnected. */
export async function removeNetworks(stale: readonly StaleNetwork[]): Promise<void> {
  for (const { name, containers } of stale) {
    const network = engine.getNetwork(name);
    for (const { id, ours } of containers) {
      if (ours) await engine.getContainer(id).remove({ force: true, v: true }).catch(ifGone);
      else await network.disconnect({ Container: id, Force: true }).catch(ifGone);
    }
    await network.remove().catch(ifGone);
  }
}

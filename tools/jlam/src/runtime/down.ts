/** `down`: takes an environment's containers and networks away; its data stays unless that is asked for. */
import { execa } from "execa";
import { projectName } from "@jlam/compose-dsl";
import { stopDashboard } from "../dashboard/detached.ts";
import { secretPaths } from "../secrets/provide.ts";
import { repositoryRoot } from "../synth/platform.ts";
import { PersonError } from "../terminal/failure.ts";
import { loadBootable, recordVersions } from "./bootable.ts";
import { engine, ifGone, listContainers } from "./containers.ts";
import { requireEngine } from "./engine-client.ts";
import { count, list } from "./format.ts";
import { takeLock } from "./lock.ts";
import { silent, type Reporter } from "./reporter.ts";

/** A volume of an environment, and what its declaration says that it holds. */
export interface HeldVolume {
  readonly name: string;
  readonly holds: string;
}

export interface DownOptions {
  readonly environment: string;
  /** Asked before volumes are removed; undefined keeps them. */
  readonly removeVolumes?: ((volumes: readonly HeldVolume[]) => Promise<boolean>) | undefined;
  readonly reporter?: Reporter;
  readonly root?: string;
}

export interface DownResult {
  readonly environment: string;
  /** Services whose containers were removed. */
  readonly services: readonly string[];
  readonly networks: number;
  readonly removedVolumes: readonly HeldVolume[];
  readonly keptVolumes: readonly HeldVolume[];
}

/**
 * Stops in the reverse order of dependencies, and removes. A second call finds nothing to do.
 * @throws PersonError for an unknown environment, one that is released, or one that somebody else is at
 */
export async function down({ environment: name, removeVolumes, reporter = silent, root = repositoryRoot }: DownOptions): Promise<DownResult> {
  await loadBootable(name, root);
  await requireEngine(engine);
  const lock = takeLock(secretPaths(root, name).state, `jlam down ${name}`);
  try {
    const project = projectName(name);
    const [containers, networks, volumes, anonymous] = await Promise.all([listContainers(project), networksOf(name), volumesOf(name), anonymousVolumesOf(project)]);
    const remove = removeVolumes !== undefined && volumes.length > 0 && (await removeVolumes(volumes));
    if (containers.length > 0 || networks.length > 0) {
      await reporter.phase(`Stopping ${count(containers.length, "container")}`, async () => {
        const result = await execa("docker", ["compose", "--project-name", project, "--ansi=never", "--progress=plain", "down", "--remove-orphans"], { reject: false, all: true, stdin: "ignore" });
        if (result.failed) throw new PersonError(`${name} could not be stopped.`, { why: result.all, fix: "`docker ps` shows what still runs." });
        // Compose forgets a network that it has no container for.
        for (const id of await networksOf(name)) await engine.getNetwork(id).remove().catch(ifGone);
        for (const volume of anonymous) await engine.getVolume(volume).remove().catch(ifGone);
        return { value: undefined, said: `Stopped ${count(containers.length, "container")}` };
      });
    }
    recordVersions(name, root, []);
    await stopDashboard(name, root);
    if (remove) for (const volume of volumes) await engine.getVolume(volume.name).remove().catch(ifGone);
    return {
      environment: name,
      services: containers.map(({ service }) => service),
      networks: networks.length,
      removedVolumes: remove ? volumes : [],
      keptVolumes: remove ? [] : volumes,
    };
  } finally {
    lock.release();
  }
}

async function networksOf(environment: string): Promise<readonly string[]> {
  const networks = await engine.listNetworks({ filters: { label: [`nl.jlam.environment=${environment}`] } });
  return networks.map(({ Id }) => Id);
}

/** What images ask for and no declaration mounts, under names of 64 hexadecimal digits: nobody would find it again. */
async function anonymousVolumesOf(project: string): Promise<readonly string[]> {
  const containers = await engine.listContainers({ all: true, filters: { label: [`com.docker.compose.project=${project}`] } });
  return containers.flatMap(({ Mounts }) => Mounts.flatMap(({ Type, Name }) => (Type === "volume" && Name !== undefined && /^[0-9a-f]{64}$/.test(Name) ? [Name] : [])));
}

async function volumesOf(environment: string): Promise<readonly HeldVolume[]> {
  const { Volumes } = await engine.listVolumes({ filters: { label: [`nl.jlam.environment=${environment}`] } });
  return Volumes.map(({ Name, Labels }) => ({ name: Name, holds: Labels["nl.jlam.holds"] ?? "unknown data" })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What a `down` did, in words. */
export function describeDown({ environment, services, networks, removedVolumes, keptVolumes }: DownResult): readonly string[] {
  const done = [
    ...(services.length > 0 ? [`${count(services.length, "container")} removed (${list(services)})`] : []),
    ...(networks > 0 ? [`${count(networks, "network")} removed`] : []),
    ...(removedVolumes.length > 0 ? [`${count(removedVolumes.length, "volume")} removed with ${list([...new Set(removedVolumes.map(({ holds }) => holds))])}`] : []),
  ];
  return [
    done.length === 0 ? `nothing to do: ${environment} was down` : `${environment} is down: ${done.join(", ")}`,
    ...(keptVolumes.length > 0 ? [`kept: ${keptVolumes.map(({ name, holds }) => `${name} (${holds})`).join(", ")}`] : []),
  ];
}

/** Two disks of some megabytes, so that a full one can be real: one that the host has mounted, one that holds a volume. */
import { mkdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";

/** Where the first is mounted: below /var, where a disk that can only be read is told of (apps/monitoring, FilesystemReadOnly). */
export const mountPoint = "/var/jlam-monitoring-test";

/** The name under which provocations ask for them. */
export const smallDisks = "small-disks";

const megabyte = 1_000_000;
const files = { host: "host.disk", volume: "volume.disk" } as const;

const run = async (command: string, ...args: readonly string[]): Promise<string> => (await execa(command, args, { stdin: "ignore" })).stdout;

/** Makes a file system of 64 MB in a file; with few inodes, so that they run out as well. */
async function make(file: string, owner: string): Promise<void> {
  writeFileSync(file, "");
  truncateSync(file, 64 * megabyte);
  await run("mkfs.ext4", "-q", "-m", "0", "-N", "256", "-E", `root_owner=${owner}`, file);
}

/**
 * Mounts the one, and makes a volume of the other for a service's data, before the environment starts: a container sees
 * what was mounted when it was made.
 * @returns why it can't be done here, for whoever isn't root or has no loop devices
 */
export async function provideDisks(directory: string, volume: { readonly project: string; readonly name: string; readonly owner: string; readonly environment: string }): Promise<string | undefined> {
  try {
    mkdirSync(directory, { recursive: true });
    mkdirSync(mountPoint, { recursive: true });
    await make(join(directory, files.host), "0:0");
    await run("mount", "-o", "loop", join(directory, files.host), mountPoint);
    await make(join(directory, files.volume), volume.owner);
    const device = await run("losetup", "--find", "--show", join(directory, files.volume));
    const labels = { "com.docker.compose.project": volume.project, "com.docker.compose.volume": volume.name, "nl.jlam.environment": volume.environment };
    const labelled = Object.entries(labels).flatMap(([key, value]) => ["--label", `${key}=${value}`]);
    await run("docker", "volume", "create", "--driver", "local", "--opt", "type=ext4", "--opt", `device=${device}`, ...labelled, `${volume.project}_${volume.name}`);
    return undefined;
  } catch (error) {
    await removeDisks(directory);
    return error instanceof Error ? `no small disks can be made here: ${error.message.split("\n")[0] ?? ""}` : "no small disks can be made here";
  }
}

/** Unmounts and forgets both; what isn't there is nothing to do. */
export async function removeDisks(directory: string): Promise<void> {
  await run("umount", "--lazy", mountPoint).catch(() => undefined);
  const attached = await run("losetup", "--associated", join(directory, files.volume), "--noheadings", "--output", "NAME").catch(() => "");
  for (const device of attached.split("\n").filter((name) => name !== "")) await run("losetup", "--detach", device).catch(() => undefined);
  for (const path of [mountPoint, directory]) rmSync(path, { recursive: true, force: true });
}

/** Places where a secret could have leaked to: folders, and everything that Docker and the kernel show of containers. */
import { createReadStream, openSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { join, relative } from "node:path";
import { execa } from "execa";
import type { Place } from "./find-canary.ts";

/** Every file below a folder, as a place of its own. What a link leads to is no other file. */
export function folderPlaces(name: string, folder: string): readonly Place[] {
  const top = realpathSync(folder);
  return readdirSync(top, { recursive: true, withFileTypes: true })
    .map((entry) => ({ entry, path: join(entry.parentPath, entry.name) }))
    .filter(({ entry, path }) => entry.isFile() && unlessGone(() => realpathSync(path)) === path)
    .map(({ path }) => ({ name: `${name}: ${relative(top, path)}`, read: () => parts(path) }));
}

/** A file that is gone holds nothing any more: others' come and go in /dev/shm and in /tmp. */
async function* parts(path: string): AsyncIterable<Buffer> {
  const file = unlessGone(() => openSync(path, "r"));
  if (file !== undefined) yield* createReadStream(path, { fd: file });
}

/** What a program prints, on both streams. It must end well: nothing was looked at where it failed. */
export const commandPlace = (name: string, program: string, args: readonly string[]): Place => ({
  name,
  async *read() {
    // A large output (an image) is read as it comes.
    const running = execa(program, args, { encoding: "buffer", buffer: false, all: true });
    for await (const part of running.all) yield Buffer.isBuffer(part) ? part : Buffer.from(part);
    await running;
  },
});

/**
 * Everything that can be seen of one container from the host: what the engine says, its log, the arguments and the
 * environment of its processes, the files that it wrote, and the layers of its image with their history.
 */
export async function containerPlaces(container: string): Promise<readonly Place[]> {
  const { stdout: image } = await execa("docker", ["inspect", "--format", "{{.Image}}", container]);
  const { stdout: processes } = await execa("docker", ["top", container, "-eo", "pid"]);
  const pids = processes.split("\n").map((line) => line.trim()).filter((line) => /^\d+$/.test(line));
  return [
    commandPlace(`inspect of ${container}`, "docker", ["inspect", container]),
    commandPlace(`log of ${container}`, "docker", ["logs", container]),
    ...pids.flatMap((pid) => [processPlace(`arguments in ${container}`, pid, "cmdline"), processPlace(`environment in ${container}`, pid, "environ")]),
    commandPlace(`file system of ${container}`, "docker", ["export", container]),
    commandPlace(`inspect of the image of ${container}`, "docker", ["image", "inspect", image]),
    commandPlace(`history of the image of ${container}`, "docker", ["history", "--no-trunc", image]),
    commandPlace(`layers of the image of ${container}`, "docker", ["save", image]),
  ];
}

function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

const processPlace = (name: string, pid: string, file: "cmdline" | "environ"): Place => ({ name, read: () => [readFileSync(`/proc/${pid}/${file}`)] });

/** Every place of two hosts and of the machine that releases to them where a secret could have leaked to. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { textPlace, type Place } from "../../../tools/jlam/src/secrets/canary/find-canary.ts";
import { commandPlace, folderPlaces } from "../../../tools/jlam/src/secrets/canary/places.ts";
import { environments, type Machines } from "./machines.ts";

/**
 * The files of both hosts (releases, journals, locks), their engines' (layers, logs, what containers wrote), what the
 * engines tell of containers, images and networks, the working tree, git's objects, people's files, and all that any
 * command printed, plans included. Secrets' own files are among them: whoever looks expects those.
 */
export async function everywhere({ hosts, repository }: Machines): Promise<readonly Place[]> {
  const told = await Promise.all(
    environments.map(async (name) => {
      const inspect = await hosts[name].run("sh", ["-c", "docker ps --all --quiet | xargs --no-run-if-empty docker inspect; docker image ls --quiet | sort -u | xargs --no-run-if-empty docker image inspect; docker network ls --quiet | xargs docker network inspect; docker ps --all --quiet | xargs --no-run-if-empty --max-args=1 docker logs 2>&1"], { timeout: 60_000 });
      return textPlace(`what the engine of ${name} tells`, inspect);
    }),
  );
  return [
    ...told,
    // Git's own files are compressed: they are read as git unpacks them.
    ...[join(repository.root, ".git"), repository.origin].map((folder) => commandPlace(`git's objects in ${folder}`, "git", ["--git-dir", folder, "cat-file", "--batch-all-objects", "--batch"])),
    ...environments.flatMap((name) => [...folderPlaces(`/srv of ${name}`, join(hosts[name].folder, "srv")), ...folderPlaces(`the engine of ${name}`, join(hosts[name].folder, "docker")), ...logsOf(name, hosts[name].folder)]),
    ...folderPlaces("the working tree", repository.root),
    ...folderPlaces("people's files", repository.pocket),
    ...repository.said.map((text) => textPlace(`what was printed by ${text.split("\n")[0] ?? ""}`, text)),
  ];
}

/** What sshd and the engine wrote down. */
const logsOf = (name: string, folder: string): readonly Place[] =>
  ["sshd.log", "dockerd.log", "start.log"].map((file) => ({ name: `${file} of ${name}`, read: () => [readFileSync(join(folder, file))] }));

export interface ProcessWatch {
  /** Processes of which arguments or environment held one of them: their arguments up to the first blank. */
  readonly seen: () => readonly string[];
  /** How many processes were looked at. */
  readonly looked: () => number;
  readonly stop: () => void;
}

/** Between two looks at all processes, in milliseconds: one that lives shorter may be missed, those that wait aren't. */
const pause = 250;

/** Looks at arguments and environments of all processes, those of the hosts and their containers included, again and again. */
export function watchProcesses(secrets: readonly string[]): ProcessWatch {
  const seen = new Set<string>();
  let looked = 0;
  const timer = setInterval(() => {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name) && name !== String(process.pid))) {
      for (const what of ["cmdline", "environ"]) {
        const text = textOf(`/proc/${pid}/${what}`);
        looked += 1;
        if (secrets.some((secret) => text.includes(secret))) seen.add(`${what} of ${textOf(`/proc/${pid}/cmdline`).split("\0").slice(0, 2).join(" ")}`);
      }
    }
  }, pause);
  return { seen: () => [...seen], looked: () => looked, stop: () => clearInterval(timer) };
}

/** A process that has ended meanwhile has nothing to read. */
function textOf(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

/** What a machine has beside the repository, as one archive of paths below its root: secrets, and the images that run. */
import { join, relative } from "node:path";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { imageVariable, type ResolvedEnvironment } from "@jlam/compose-dsl";
import { execa, ExecaError } from "execa";
import { z } from "zod";
import { loadRunning } from "../runtime/bootable.ts";
import type { ContainerState } from "../runtime/containers.ts";
import type { Project } from "../runtime/project.ts";
import { readIfThere, writePrivately } from "../secrets/private-file.ts";
import { secretPaths } from "../secrets/provide.ts";
import { PersonError } from "../terminal/failure.ts";

const runningSchema = z.strictObject({ variables: z.record(z.string(), z.string()), profiles: z.array(z.string()) });

/** The images that run, as Compose's variables name them, and the profiles that are on. */
export type Running = Pick<Project, "variables" | "profiles">;

const recordPath = (root: string, environment: string): string => join(secretPaths(root, environment).state, "running.json");

/** What an environment runs at this moment, from its containers. */
export function runningNow({ services }: ResolvedEnvironment, containers: readonly ContainerState[]): Running {
  const found = containers.flatMap((container) => {
    const service = services.get(container.service);
    return service === undefined ? [] : [{ service, image: container.image }];
  });
  return {
    variables: Object.fromEntries(found.map(({ service, image }) => [imageVariable(service.node.image.name), image])),
    profiles: [...new Set(found.flatMap(({ service }) => service.profile ?? []))].sort(),
  };
}

/** What {@link sendMachine} noted in a folder that was brought back. @throws PersonError when it isn't there */
export function readRunning(root: string, environment: string): Running {
  const path = recordPath(root, environment);
  const text = readIfThere(path);
  if (text === undefined) throw new PersonError("The set doesn't say which images ran.", { where: path, fix: "Take another set." });
  return runningSchema.parse(JSON.parse(text));
}

/**
 * Sends it into the engine's container, which encrypts it on arrival.
 * @throws PersonError when the engine doesn't take it
 */
export async function sendMachine(environment: string, engine: ContainerState, containers: readonly ContainerState[], root: string): Promise<void> {
  const resolved = await loadRunning(environment, root);
  writePrivately(recordPath(root, environment), `${JSON.stringify(runningNow(resolved, containers), undefined, 2)}\n`);
  const { files, state } = secretPaths(root, environment);
  const paths = [files, state, authorityPath(root, resolved.node.domain)].filter((path) => existsSync(path)).map((path) => relative(root, path));
  const archive = execa("tar", ["--create", "--file=-", "--numeric-owner", `--directory=${root}`, "--", ...paths], { encoding: "buffer", buffer: { stdout: false } });
  try {
    await archive.pipe("docker", ["exec", "--interactive", engine.id, "node", "/app/backup.js", "machine"]);
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
    throw new PersonError("The engine didn't take what this machine has beside the repository.", { why: error.shortMessage, fix: "`jlam logs` tells what the engine says.", cause: error });
  }
}

/** Where the certificate is of the authority that visitors trust, if the machine has one of its own. */
export const authorityPath = (root: string, domain: string): string => join(root, ".jlam", "certificates", domain, "authority.pem");

/** The certificate of that authority in a folder that was brought back; undefined where the world's own ones are used. */
export async function authorityIn(root: string): Promise<string | undefined> {
  const folder = join(root, ".jlam", "certificates");
  const [domain] = await readdir(folder).catch(() => []);
  return domain === undefined ? undefined : readIfThere(authorityPath(root, domain));
}

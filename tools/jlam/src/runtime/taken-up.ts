/** Changed secrets that a program doesn't read at its start, such as a database's passwords: who has yet to be told, and telling it. */
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { projectName, type ResolvedEnvironment, type ResolvedService } from "@jlam/compose-dsl";
import { execa } from "execa";
import { z } from "zod";
import { readIfThere, writePrivately } from "../secrets/private-file.ts";
import { secretPaths } from "../secrets/provide.ts";
import { PersonError } from "../terminal/failure.ts";
import { engine, listContainers, type ContainerState } from "./containers.ts";

/** A service that has to be told of its secrets once it is ready. */
export interface Untold {
  readonly service: string;
  /** Run in its container. */
  readonly command: readonly string[];
}

/**
 * Those of the services whose secrets are others than the ones that they took up last. A service without container and
 * data isn't among them: its first start takes up what is there.
 */
export async function untoldServices(environment: ResolvedEnvironment, services: readonly ResolvedService[], containers: readonly ContainerState[], root: string): Promise<readonly Untold[]> {
  const known = readRecord(environment.name, root);
  const { Volumes: volumes } = await engine.listVolumes({ filters: { label: [`nl.jlam.environment=${environment.name}`] } });
  const present = new Set(volumes.map(({ Name }) => Name));
  const hasPast = ({ name, mounts }: ResolvedService): boolean =>
    containers.some(({ service }) => service === name) || mounts.some((mount) => mount.kind === "volume" && present.has(`${projectName(environment.name)}_${mount.volume.name}`));
  const withPast = new Set(services.filter(hasPast).map(({ name }) => name));
  return commandsOf(environment).filter(({ service }) => withPast.has(service) && fingerprint(environment.name, service, root) !== known[service]);
}

/**
 * Tells them, and notes it at once, so that an interrupted start is taken up where it ended.
 * @throws PersonError for a command that fails, with its last words
 */
export async function tellServices(untold: readonly Untold[], environment: ResolvedEnvironment, root: string, redact: (text: string) => string): Promise<void> {
  const containers = await listContainers(projectName(environment.name));
  for (const { service, command } of untold) {
    const container = containers.find((candidate) => candidate.service === service);
    const result = await execa("docker", ["exec", container?.id ?? service, ...command], { reject: false, all: true, stdin: "ignore", timeout: 60_000 });
    if (result.failed) throw new PersonError(`${service} did not take up its changed secrets.`, { why: redact(result.all || "It said nothing."), fix: `\`jlam logs ${environment.name} ${service}\` has more; the next \`jlam up ${environment.name}\` tries again.` });
    noteTakenUp(environment, [service], root);
  }
}

/** Notes that the services know the secrets that stand in their files now. */
export function noteTakenUp(environment: ResolvedEnvironment, services: readonly string[], root: string): void {
  const told = commandsOf(environment).filter(({ service }) => services.includes(service));
  const known = readRecord(environment.name, root);
  const now = { ...known, ...Object.fromEntries(told.map(({ service }) => [service, fingerprint(environment.name, service, root)])) };
  if (JSON.stringify(now) !== JSON.stringify(known)) writePrivately(recordPath(environment.name, root), `${JSON.stringify(now, undefined, 2)}\n`);
}

const commandsOf = ({ providers }: ResolvedEnvironment): readonly Untold[] =>
  [...providers.values()].flatMap(({ takesUpSecrets: command, services }) => (command === undefined ? [] : services.map(({ name: service }) => ({ service, command }))));

/** Of all files that the service sees. It lies in the folder that holds the secrets themselves, so that it tells nobody more. */
function fingerprint(environment: string, service: string, root: string): string {
  const folder = join(secretPaths(root, environment).files, service);
  const files = readdirSync(folder).sort().map((name) => [name, readIfThere(join(folder, name))]);
  return createHash("sha256").update(JSON.stringify(files)).digest("hex");
}

const record = z.record(z.string(), z.string());

const recordPath = (environment: string, root: string): string => join(secretPaths(root, environment).state, "taken-up.json");

const readRecord = (environment: string, root: string): z.infer<typeof record> => record.parse(JSON.parse(readIfThere(recordPath(environment, root)) ?? "{}"));

/** Running a program inside a service's container, with this terminal. */
import { projectName } from "@jlam/compose-dsl";
import { execa } from "execa";
import { fixOfName, PersonError } from "../terminal/failure.ts";
import { knownEnvironments } from "../synth/names.ts";
import { environmentNames, loadEnvironment } from "../synth/platform.ts";
import { engine, listContainers, type ContainerState } from "./containers.ts";
import { requireEngine } from "./engine-client.ts";

export interface ExecOptions {
  /** uid:gid; the container's own user without. */
  readonly user?: string | undefined;
  /** Environment variables of the program; never a secret. */
  readonly variables?: Readonly<Record<string, string>>;
}

/**
 * The running container of a service.
 * @throws PersonError where there is none
 */
export async function runningContainer(environment: string, service: string): Promise<ContainerState> {
  await requireEngine(engine);
  const containers = await listContainers(projectName(environment));
  const found = containers.find((container) => container.service === service);
  if (found?.status === "running") return found;
  if (found !== undefined) {
    throw new PersonError(`${service} isn't running in ${environment}: it is ${found.status}.`, {
      fix: `\`jlam logs ${environment} ${service}\` tells why, \`jlam up ${environment}\` starts it.`,
    });
  }
  if (containers.length > 0) throw new PersonError(`There is no container of "${service}" in ${environment}.`, { fix: fixOfName(service, containers.map((container) => container.service)) });
  knownEnvironments([environment], environmentNames());
  throw (await loadEnvironment(environment)).node.images.kind === "replaceable"
    ? new PersonError(`${environment} is down.`, { fix: `\`jlam up ${environment}\` boots it.` })
    : new PersonError(`${environment} isn't on this machine.`, { why: "It runs on a host of its own.", fix: "Say this on that host, or where DOCKER_HOST leads to its engine." });
}

/** Runs a program with this process's terminal and returns its exit code. Needs no shell in the image. */
export async function execIn(container: ContainerState, command: readonly string[], { user, variables = {} }: ExecOptions = {}): Promise<number> {
  const terminal = process.stdin.isTTY && process.stdout.isTTY ? ["--tty"] : [];
  const result = await execa(
    "docker",
    [
      ...["exec", "--interactive", ...terminal],
      ...(user === undefined ? [] : ["--user", user]),
      ...Object.entries(variables).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
      container.id,
      ...command,
    ],
    { reject: false, stdio: "inherit" },
  );
  return result.exitCode ?? 1;
}

/** Has the engine make a set now, with the revision that is checked out and what this machine has. */
import { execa, ExecaError } from "execa";
import { sendRepository } from "../backup/repository.ts";
import type { ContainerState } from "../runtime/containers.ts";
import { execIn, runningContainer } from "../runtime/in-container.ts";
import { PersonError } from "../terminal/failure.ts";
import { sendMachine } from "./machine.ts";
import { wordsOf } from "./reader.ts";

/** Gives the engine what only this machine has, and lets it make a set and copy it in this terminal; returns its exit code. */
export async function takeSetAloud(environment: string, containers: readonly ContainerState[], root: string, json: boolean): Promise<number> {
  const container = await provide(environment, containers, root);
  const made = await execIn(container, ["node", "/app/backup.js", "run", ...(json ? ["--json"] : [])]);
  return made === 0 ? execIn(container, ["node", "/app/backup.js", "copy", ...(json ? ["--json"] : [])]) : made;
}

/** The same without words. @throws PersonError when there is no set afterwards */
export async function takeSet(environment: string, containers: readonly ContainerState[], root: string): Promise<void> {
  const container = await provide(environment, containers, root);
  await execa("docker", ["exec", container.id, "node", "/app/backup.js", "run"]).catch((error: unknown) => {
    if (!(error instanceof ExecaError)) throw error;
    throw new PersonError("No set could be made of what is there; nothing was restored.", { why: wordsOf(error), fix: "Mend that first. --no-set-first restores without one, and what is there is then lost.", cause: error });
  });
}

async function provide(environment: string, containers: readonly ContainerState[], root: string): Promise<ContainerState> {
  const container = await runningContainer(environment, "backup");
  await sendRepository(container, root);
  await sendMachine(environment, container, containers, root);
  return container;
}

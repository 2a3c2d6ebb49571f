/** An environment that runs, as something that data is restored into: its files, its plan, and who signed its certificate. */
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { planFileSchema, type PlanFile } from "@jlam/backup/plan-file";
import { projectName } from "@jlam/compose-dsl";
import { loadRunning } from "../runtime/bootable.ts";
import { listContainers, type ContainerState } from "../runtime/containers.ts";
import { projectOf, type Project } from "../runtime/project.ts";
import { readIfThere } from "../secrets/private-file.ts";
import { generatedDirectory, versionedDirectory } from "../synth/platform.ts";
import { messageOf, PersonError } from "../terminal/failure.ts";
import type { Recovery } from "./bring-back.ts";
import { authorityPath, runningNow } from "./machine.ts";
import { servedHere, type Served } from "./served.ts";

/**
 * What data is brought back into.
 * @throws PersonError where the environment has no backup plan, or what serves it can't be told
 */
export async function destinationOf(name: string, root: string): Promise<Pick<Recovery, "project" | "served" | "plan" | "authority">> {
  const environment = await loadRunning(name, root);
  const containers = await listContainers(projectName(name));
  const served = await servedHere(name, containers);
  const directory = served?.folder ?? environmentFiles(name, containers, root);
  return {
    project: served ? projectOfRelease(name, served) : projectOf(environment, root, runningNow(environment, containers), directory),
    served,
    plan: await readPlanFile(directory),
    authority: readIfThere(authorityPath(root, environment.node.domain)),
  };
}

/** The Compose project of a release on its host, with the variables that were written for it there. */
const projectOfRelease = (environment: string, { folder, itinerary: { variables } }: Served): Project => ({
  environment,
  name: projectName(environment),
  files: [join(folder, "compose.yaml")],
  variablesFile: join(folder, "host.env"),
  variables,
  profiles: [],
});

/** The folder of the files that containers of an environment were made from. Those made for given images lie elsewhere, and stay there after it has gone. */
export function environmentFiles(name: string, containers: readonly ContainerState[], root: string): string {
  const versioned = versionedDirectory(name, root);
  const isVersioned = containers.some(({ labels }) => (labels["com.docker.compose.project.config_files"] ?? "").split(",").some((file) => dirname(file) === versioned));
  return isVersioned ? versioned : generatedDirectory(name, root);
}

/** The plan that was emitted into a folder of generated files. @throws PersonError where there is none */
export async function readPlanFile(directory: string): Promise<PlanFile> {
  const path = join(directory, "files/backup/etc/backup/plan.json");
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw new PersonError("This environment has no backup plan.", { where: path, why: messageOf(error), fix: "Give it the stack `backup` in its environment.ts, and run `jlam synth`." });
  });
  return planFileSchema.parse(JSON.parse(text));
}

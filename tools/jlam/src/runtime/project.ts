/** One environment on this machine's engine: its Compose project, and calling Compose on it. */
import { join } from "node:path";
import { projectName, type ResolvedEnvironment } from "@jlam/compose-dsl";
import { execa } from "execa";
import { secretPaths } from "../secrets/provide.ts";
import { generatedDirectory } from "../synth/platform.ts";

export interface Project {
  readonly environment: string;
  /** Compose's project name, prefix of containers and volumes. */
  readonly name: string;
  /** Compose files, the first of which gives the folder that relative paths start from. */
  readonly files: readonly string[];
  /** File of variables that Compose reads; those below come before its. */
  readonly variablesFile?: string;
  /** What Compose may replace: JLAM_IMAGE_<NAME> of the images that were provided. */
  readonly variables: Readonly<Record<string, string>>;
  /** Profiles that are on: those whose image can be had. */
  readonly profiles: readonly string[];
  /** Folder of the secret files, where the Compose files are not beside it. */
  readonly secrets?: string;
}

/** The project of an environment, from its generated files, or from those that were emitted into another `directory`. */
export function projectOf(
  { name }: Pick<ResolvedEnvironment, "name">,
  root: string,
  images: Pick<Project, "variables" | "profiles">,
  directory: string = generatedDirectory(name, root),
): Project {
  return {
    environment: name,
    name: projectName(name),
    files: [join(directory, "compose.yaml")],
    ...(directory !== generatedDirectory(name, root) && { secrets: secretPaths(root, name).files }),
    ...images,
  };
}

/** `docker compose` on the project as a program with its arguments, for whoever joins it with others. */
export function composeCommand({ files, variablesFile, variables, profiles, secrets }: Project, args: readonly string[]) {
  return {
    program: "docker",
    args: ["compose", "--ansi=never", "--progress=plain", ...(variablesFile === undefined ? [] : ["--env-file", variablesFile]), ...files.flatMap((file) => ["--file", file]), ...args],
    env: {
      ...variables,
      COMPOSE_PROFILES: profiles.join(","),
      // What a person's shell has set for other projects must not reach ours.
      COMPOSE_FILE: undefined,
      COMPOSE_PROJECT_NAME: undefined,
      JLAM_SECRETS: secrets,
    },
  } as const;
}

/** `docker compose` on the project. Its output is plain text; it ends with this process, and after `timeout` milliseconds (0: never). */
export function compose(project: Project, args: readonly string[], timeout = 0) {
  const command = composeCommand(project, args);
  return execa(command.program, command.args, { reject: false, all: true, stdin: "ignore", env: command.env, timeout });
}

/**
 * The hash by which Compose recognises that a service's configuration changed, by service.
 * @throws Error with Compose's own words where it can't read the files
 */
export async function configurationHashes(project: Project): Promise<ReadonlyMap<string, string>> {
  const result = await compose(project, ["config", "--hash", "*"], 60_000);
  if (result.failed) throw new Error(`Compose can't read ${project.files.join(", ")}:\n${result.all}`);
  const pairs = result.stdout.split("\n").map((line) => line.split(" "));
  return new Map(pairs.flatMap(([service, hash]) => (service && hash ? [[service, hash] as const] : [])));
}

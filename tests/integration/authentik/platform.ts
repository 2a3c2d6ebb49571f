/** The environment on this machine's engine, booted from the files that are emitted for it. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { provideImages } from "../../../tools/jlam/src/images/provide.ts";
import { sourcePolicy } from "../../../tools/jlam/src/images/source.ts";
import { wantedImages } from "../../../tools/jlam/src/images/wanted.ts";
import { issuedFor } from "../../../tools/jlam/src/runtime/certificates.ts";
import { compose, projectOf } from "../../../tools/jlam/src/runtime/project.ts";
import { provideSecrets, secretPaths } from "../../../tools/jlam/src/secrets/provide.ts";
import { repositoryRoot } from "../../../tools/jlam/src/synth/platform.ts";
import { synthesise } from "../../../tools/jlam/src/synth/synthesise.ts";
import { removeEnvironment } from "../../../tools/jlam/src/test/leftovers.ts";
import { say } from "../../../tools/jlam/src/terminal/output.ts";
import { authentikTest } from "./environment.ts";

/** A repository of its own for what is emitted and made: nothing of it is committed. */
const root = join(repositoryRoot, ".jlam", "authentik-test");

/** A first start on two busy processors: migrations take most of it. */
const startLimit = 900_000;

const provide = (name?: string) =>
  provideImages(wantedImages(authentikTest).filter((image) => name === undefined || image.name === name), {
    root: repositoryRoot,
    policy: sourcePolicy(process.env["JLAM_IMAGES"]),
    report: (image, line) => say(`image ${image}: ${line}`),
  });

/** Why Authentik's image can't be had here; undefined where it can. */
export async function missingImage(): Promise<string | undefined> {
  return (await provide("authentik")).missing[0]?.reason;
}

export interface Finished {
  readonly exitCode: number;
  readonly output: string;
}

export interface Platform {
  /** PEM certificate of the authority that signed the environment's. */
  readonly authority: string;
  /** Content of a secret file. */
  secret(service: string, file: string): string;
  /** Runs Compose on the environment. */
  compose(args: readonly string[]): Promise<Finished>;
  /** What the container of a service has said, an ended one too. */
  logs(service: string): Promise<string>;
  /** All rows of Authentik's database, as the statements that would make them. */
  databaseDump(): Promise<string>;
}

/**
 * Boots the environment from nothing.
 * @throws Error where an image can't be had, or something doesn't become healthy, with Compose's own words
 */
export async function bootPlatform(): Promise<Platform> {
  await removePlatform();
  const platform = await preparePlatform();
  const began = Date.now();
  const { exitCode, output } = await platform.compose(["up", "--detach", "--wait"]);
  if (exitCode !== 0) throw new Error(`the environment didn't start:\n${output}\n${(await platform.compose(["logs", "--no-color", "--tail=40"])).output}`);
  say(`Authentik was healthy after ${Math.round((Date.now() - began) / 1000)} s`);
  return platform;
}

/**
 * Puts everything in place that a boot needs: images, certificate, secrets, files.
 * @throws Error where an image can't be had
 */
async function preparePlatform(): Promise<Platform> {
  const provision = await provide();
  const [missing] = provision.missing;
  if (missing !== undefined) throw new Error(`no image "${missing.name}" here: ${missing.reason}`);
  const issued = await issuedFor(authentikTest, root);
  if (issued === undefined) throw new Error("the environment has no authority of its own");
  provideSecrets(authentikTest, root, issued);
  synthesise(authentikTest, { root, check: false, overwrite: false });

  const project = projectOf(authentikTest, root, { variables: provision.env, profiles: ["authentik"] });
  const run = async (args: readonly string[]): Promise<Finished> => {
    const result = await compose(project, args, startLimit);
    return { exitCode: result.exitCode ?? -1, output: result.all };
  };
  const database = `${project.name}-postgres-auth-1`;
  return {
    authority: readFileSync(issued.authority, "utf8"),
    secret: (service, file) => readFileSync(join(secretPaths(root, authentikTest.name).files, service, file), "utf8"),
    compose: run,
    logs: async (service) => (await execa("docker", ["logs", `${project.name}-${service}-1`], { all: true })).all,
    databaseDump: async () => {
      const dump = ["pg_dump", "--username=auth_owner", "--data-only", "--inserts", "auth"];
      const { stdout } = await execa("docker", ["exec", database, ...dump], { maxBuffer: 512 * 1024 * 1024 });
      return stdout;
    },
  };
}

/** Removes containers, networks, volumes, secrets and emitted files. */
export async function removePlatform(): Promise<void> {
  await removeEnvironment(authentikTest.name);
  rmSync(root, { recursive: true, force: true });
}

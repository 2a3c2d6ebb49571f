/** Boots the two environments from what is emitted for them, in a folder of their own that no git knows. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { execa } from "execa";
import { provideImages } from "../../../tools/jlam/src/images/provide.ts";
import { sourcePolicy } from "../../../tools/jlam/src/images/source.ts";
import { wantedImages } from "../../../tools/jlam/src/images/wanted.ts";
import { issuedFor } from "../../../tools/jlam/src/runtime/certificates.ts";
import { compose, projectOf, type Project } from "../../../tools/jlam/src/runtime/project.ts";
import { provideSecrets } from "../../../tools/jlam/src/secrets/provide.ts";
import { environmentFile, repositoryRoot } from "../../../tools/jlam/src/synth/platform.ts";
import { synthesise } from "../../../tools/jlam/src/synth/synthesise.ts";
import { removeEnvironment } from "../../../tools/jlam/src/test/leftovers.ts";
import { say } from "../../../tools/jlam/src/terminal/output.ts";
import { resolved, type Name } from "./environment.ts";

/** What `jlam` takes for the repository; below ours, so that declarations find their packages. */
export const root = join(repositoryRoot, ".jlam", "recovery-test");

/** @throws Error where something doesn't become healthy, with Compose's own words */
export async function boot(name: Name): Promise<Project> {
  const environment = resolved(name);
  await removeEnvironment(name);
  const provision = await provideImages(wantedImages(environment), { root: repositoryRoot, policy: sourcePolicy(process.env["JLAM_IMAGES"]), report: (image, line) => say(`image ${image}: ${line}`) });
  const issued = await issuedFor(environment, root);
  provideSecrets(environment, root, issued);
  const file = environmentFile(name, root);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, `import { nodes } from "${relative(join(file, ".."), join(import.meta.dirname, "environment.ts"))}";\nexport default nodes["${name}"];\n`);
  synthesise(environment, { root, check: false, overwrite: false });
  const project = projectOf(environment, root, { variables: provision.env, profiles: [] });
  const { exitCode, all } = await compose(project, ["up", "--detach", "--wait", "--wait-timeout", "300"], 400_000);
  if (exitCode !== 0) throw new Error(`${name} didn't start:\n${all}\n${(await compose(project, ["logs", "--no-color", "--tail=20"])).all}`);
  return project;
}

export async function remove(...names: readonly Name[]): Promise<void> {
  for (const name of names) await removeEnvironment(name);
  rmSync(root, { recursive: true, force: true });
}

/** Runs a shell in an image with the volume at /files, as root with all its powers: what no service of ours may. */
export async function inVolume(project: Project, script: string): Promise<string> {
  const image = project.variables["JLAM_IMAGE_BACKUP"] ?? "jlam/backup:local";
  const { stdout } = await execa("docker", ["run", "--rm", "--label", "nl.jlam.test=recovery", "--network", "none", "--user", "0:0", "--volume", `${project.name}_files:/files`, "--entrypoint", "sh", image, "-ec", script]);
  return stdout;
}

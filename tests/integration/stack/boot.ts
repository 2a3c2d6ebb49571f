/** Vitest's global set-up: boots environments/ci once, as it is committed or for the versions of given images, and takes it away whole at the end. */
import { readFileSync } from "node:fs";
import { DockerComposeEnvironment } from "testcontainers";
import type { TestProject } from "vitest/node";
import { provideImages } from "../../../tools/jlam/src/images/provide.ts";
import { sourcePolicy } from "../../../tools/jlam/src/images/source.ts";
import { wantedImages } from "../../../tools/jlam/src/images/wanted.ts";
import { describeVersions } from "../../../tools/jlam/src/runtime/bootable.ts";
import { issuedFor } from "../../../tools/jlam/src/runtime/certificates.ts";
import { projectOf, type Project } from "../../../tools/jlam/src/runtime/project.ts";
import { leaveOut, servicesOf, type LeftOut } from "../../../tools/jlam/src/runtime/selection.ts";
import { provideSecrets } from "../../../tools/jlam/src/secrets/provide.ts";
import { repositoryRoot } from "../../../tools/jlam/src/synth/platform.ts";
import { synthesise } from "../../../tools/jlam/src/synth/synthesise.ts";
import { leftovers, removeEnvironment } from "../../../tools/jlam/src/test/leftovers.ts";
import { reaperSetting } from "../../../tools/jlam/src/test/machine.ts";
import { say } from "../../../tools/jlam/src/terminal/output.ts";
import { ci, emitted, versions } from "./environment.ts";

declare module "vitest" {
  interface ProvidedContext {
    readonly project: Project;
    readonly leftOut: readonly LeftOut[];
    /** The certificate that this machine's authority signs with; nothing else is trusted. */
    readonly authority: string;
    /** Milliseconds until everything was healthy. */
    readonly bootTime: number;
  }
}

/** A first start of PostgreSQL on two busy processors takes most of it. */
const startLimit = 180_000;

export default async function boot(project: TestProject): Promise<() => Promise<void>> {
  const given = versions.length > 0;
  const { upToDate } = synthesise(ci, { root: repositoryRoot, check: !given, overwrite: given, directory: emitted });
  if (!upToDate) throw new Error("environments/ci/generated differs from the declarations: run `jlam synth` first, since these tests boot what is there.");
  Object.assign(process.env, await reaperSetting());
  await removeEnvironment(ci.name);

  const issued = await issuedFor(ci, repositoryRoot);
  if (issued === undefined) throw new Error("ci has no local authority, so that these tests can't verify its certificate.");
  provideSecrets(ci, repositoryRoot, issued);
  const provision = await provideImages(wantedImages(ci), {
    root: repositoryRoot,
    policy: sourcePolicy(process.env["JLAM_IMAGES"]),
    report: (image, line) => say(`image ${image}: ${line}`),
  });
  const missing = new Map(provision.missing.map(({ name, reason }) => [name, reason]));
  const { profiles, leftOut } = leaveOut(servicesOf(ci, []), missing);
  const composeProject = projectOf(ci, repositoryRoot, { variables: provision.env, profiles }, emitted);
  for (const line of describeVersions(versions, emitted)) say(line);

  const began = Date.now();
  const started = await new DockerComposeEnvironment(emitted, "compose.yaml")
    .withProjectName(composeProject.name)
    .withEnvironment({ ...provision.env, ...(composeProject.secrets !== undefined && { JLAM_SECRETS: composeProject.secrets }) })
    .withProfiles(...profiles)
    .withStartupTimeout(startLimit)
    .up();
  project.provide("project", composeProject);
  project.provide("leftOut", leftOut);
  project.provide("authority", readFileSync(issued.authority, "utf8"));
  project.provide("bootTime", Date.now() - began);
  return async () => {
    await started.down({ removeVolumes: true });
    const left = await leftovers(ci.name);
    await removeEnvironment(ci.name);
    if (left.length > 0) throw new Error(`\`docker compose down --volumes\` left ${left.join(", ")}.`);
  };
}

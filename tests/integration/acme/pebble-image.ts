/** The image of Pebble and its DNS challenge server, built from Go modules once for each version and Dockerfile. */
import { join } from "node:path";
import { execa, ExecaError } from "execa";
import { hashFiles } from "../../../tools/jlam/src/images/content-hash.ts";
import { dockerBuild, presentImages } from "../../../tools/jlam/src/images/docker.ts";
import { repositoryRoot } from "../../../tools/jlam/src/synth/platform.ts";
import { say } from "../../../tools/jlam/src/terminal/output.ts";
import { runWorkflowStep, workflowSteps } from "../../../tools/jlam/src/test/workflows.ts";

const version = "v2.10.1";
const folder = join(import.meta.dirname, "pebble");
const programs = ["pebble", "pebble-challtestsrv"] as const;

export type PebbleImage = { readonly had: true; readonly image: string } | { readonly had: false; readonly reason: string };

/** The image, built if it isn't there yet; or why it can't be: Go modules or a Go toolchain are out of reach. */
export async function pebbleImage(): Promise<PebbleImage> {
  const hash = hashFiles(folder, ["Dockerfile"], [process.arch]).slice(0, 12);
  const image = `jlam-test/pebble:${version}-${hash}`;
  if ((await presentImages([image])).size > 0) return { had: true, image };
  const bin = join(repositoryRoot, ".jlam", "bin", `pebble-${version}`);
  try {
    const go = await goProgram();
    const modules = programs.map((program) => `github.com/letsencrypt/pebble/v2/cmd/${program}@${version}`);
    say(`image pebble: ${go} install ${modules.join(" ")}`);
    await execa(go, ["install", ...modules], { env: { GOBIN: bin, CGO_ENABLED: "0" }, stdin: "ignore", timeout: 10 * 60_000 });
  } catch (error) {
    const said = error instanceof ExecaError ? error.message : String(error);
    return { had: false, reason: `Pebble ${version} can't be built from its Go modules here: ${said.split("\n")[0] ?? ""}` };
  }
  await dockerBuild({
    name: "pebble",
    tag: image,
    context: bin,
    dockerfile: join(folder, "Dockerfile"),
    args: {},
    labels: { "org.opencontainers.image.version": version },
    report: () => undefined,
  });
  return { had: true, image };
}

/** Go as it is on this machine, or the toolchain from PyPI that the linters of workflows are built with. */
async function goProgram(): Promise<string> {
  const found = await execa("go", ["version"], { reject: false });
  if (!found.failed) return "go";
  const steps = workflowSteps(repositoryRoot).filter(({ makes }) => makes !== undefined);
  const [environment, packages] = steps;
  if (environment === undefined || packages?.makes === undefined) throw new Error("no step installs Go");
  for (const step of [environment, packages]) await runWorkflowStep(step, repositoryRoot);
  return join(packages.makes, "..", "go");
}

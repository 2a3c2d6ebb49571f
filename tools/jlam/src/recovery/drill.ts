/** `jlam drill`: from an empty machine and the escrow kit to the whole environment, each step measured. */
import { createReadStream } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drillReportSchema, type DrillReport } from "@jlam/backup/drill-report";
import { execa, ExecaError } from "execa";
import { listContainers } from "../runtime/containers.ts";
import { projectOf } from "../runtime/project.ts";
import type { Reporter } from "../runtime/reporter.ts";
import { projectName } from "@jlam/compose-dsl";
import { generatedDirectory, loadEnvironment } from "../synth/platform.ts";
import { PersonError } from "../terminal/failure.ts";
import { bringBack } from "./bring-back.ts";
import type { Kit, KitStore } from "./kit.ts";
import { authorityIn, readRunning } from "./machine.ts";
import { recoverySteps } from "./recovery-steps.ts";
import { setReader, wordsOf, type Called } from "./reader.ts";
import { readPlanFile } from "./destination.ts";
import { placeSealedSecrets } from "./sealed-secrets.ts";
import { timedSteps } from "./timed-steps.ts";

export interface DrillOptions {
  readonly kit: Kit;
  /** Id of the set; the newest usable one when undefined. */
  readonly set: string | undefined;
  /** Whether the first region is taken for lost, and the second is read. */
  readonly fromCopy: boolean;
  /** Folder that the repository is put into; must not be there. */
  readonly directory: string;
  readonly reporter: Reporter;
}

/**
 * Brings everything back on this machine, from the kit alone, and says how long each step took.
 * @throws PersonError when the environment is here already, or a step fails
 */
export async function drill({ kit, set, fromCopy, directory, reporter }: DrillOptions): Promise<DrillReport> {
  const began = performance.now();
  const startedAt = new Date();
  await refuseInhabited(kit.environment);
  const store = fromCopy ? kit.copy : kit.store;
  if (store === undefined) throw new PersonError("The kit knows no second region.", { fix: "Leave --from-copy out, or print a kit anew." });
  const desk = await mkdtemp(join(tmpdir(), "jlam-drill-"));
  const steps = timedSteps(reporter);
  try {
    await steps.run(recoverySteps.images.title, async () => {
      await loadImages(kit);
      return { value: undefined, found: `the engine is ${kit.engine}` };
    });
    const reader = setReader(await engineFor(store, kit.signedBy, kit.engine, desk), kit.escrowKey);
    const manifest = await steps.run(recoverySteps.set.title, async () => {
      const value = await reader.manifest(set);
      return { value, found: `${value.id}, signed by us` };
    });
    await steps.run(recoverySteps.repository.title, async () => {
      const bundle = join(desk, "platform.bundle");
      await saved(reader.object(manifest.id, "repository", "repository"), kit.escrowKey, ["sh", "-c", `cat > "$0"`, bundle]);
      await must("git", ["clone", "--quiet", bundle, directory]);
      await must("git", ["-C", directory, "checkout", "--quiet", "--detach", manifest.revision]);
      return { value: undefined, found: `revision ${manifest.revision.slice(0, 12)} is in ${directory}` };
    });
    const { plan, project, authority } = await steps.run(recoverySteps.machine.title, async () => {
      await saved(reader.object(manifest.id, "machine", "machine"), kit.escrowKey, ["tar", "--extract", "--file=-", "--same-permissions", `--directory=${directory}`]);
      const opened = await placeSealedSecrets({ directory, environment: kit.environment, identity: kit.ageIdentity, declared: () => loadEnvironment(kit.environment) });
      const running = readRunning(directory, kit.environment);
      const generated = generatedDirectory(kit.environment, directory);
      const value = { plan: await readPlanFile(generated), project: projectOf({ name: kit.environment }, directory, running, generated), authority: await authorityIn(directory) };
      return { value, found: `${Object.keys(running.variables).length} images are named, ${opened} encrypted secrets opened with the kit's identity` };
    });
    const { erasedAgain } = await bringBack({ project, served: undefined, plan, manifest, reader, only: [], authority, steps });
    return drillReportSchema.parse({
      environment: kit.environment,
      set: manifest.id,
      revision: manifest.revision,
      startedAt: startedAt.toISOString(),
      recoverySeconds: Math.round((performance.now() - began) / 100) / 10,
      lostSeconds: Math.round((startedAt.getTime() - Date.parse(manifest.window.from)) / 1000),
      erasedAgain,
      steps: steps.done,
    });
  } finally {
    await rm(desk, { recursive: true, force: true });
  }
}

async function refuseInhabited(environment: string): Promise<void> {
  const containers = await listContainers(projectName(environment));
  if (containers.length === 0) return;
  throw new PersonError(`${environment} is on this machine already.`, {
    why: "A drill shows that an empty machine is enough, and must never overwrite what people work with.",
    fix: "Run it on an empty machine. Over a running environment there is `jlam restore`.",
  });
}

/** Makes sure that the engine's image is here, after the kit's archive of images was loaded where it names one. */
async function loadImages({ images, engine }: Kit): Promise<void> {
  if (images.startsWith("/")) await execa("docker", ["load", "--quiet"], { input: createReadStream(images) }).catch((error: unknown) => { throw failed("The archive of images can't be loaded.", error); });
  if (!(await execa("docker", ["image", "inspect", engine], { reject: false })).failed) return;
  const pulled = await execa("docker", ["pull", "--quiet", engine], { reject: false });
  if (!pulled.failed) return;
  throw new PersonError(`The engine's image ${engine} can't be had.`, { where: images, why: pulled.stderr.trim().slice(-2_000), fix: "The kit's images must hold it, or its registry must let this machine in: `docker login`." });
}

/** The engine in a container of its own that knows the store and our signature, and nothing else. */
async function engineFor(store: KitStore, signedBy: string, image: string, desk: string): Promise<Called> {
  const folder = join(desk, "kit");
  await mkdir(folder);
  await writeFile(join(folder, "store-key"), store.secretKey);
  await writeFile(join(folder, "signer.pub"), signedBy);
  // The container's user isn't ours; the folder above is closed to everybody else.
  for (const file of ["store-key", "signer.pub"]) await chmod(join(folder, file), 0o444);
  await chmod(folder, 0o755);
  const environment = { STORE_URL: store.url, STORE_BUCKET: store.bucket, STORE_REGION: store.region, STORE_ACCESS_KEY: store.accessKey, STORE_PASSWORD_FILE: "/kit/store-key", SIGNING_KEY_FILE: "/kit/signer.pub" };
  return {
    program: "docker",
    args: [
      "run", "--rm", "--init", "--interactive", "--label", "nl.jlam.recovery=reader", "--network", "host", "--read-only", "--user", "1000:1000", "--cap-drop", "ALL",
      "--security-opt", "no-new-privileges", "--memory", "256m", "--tmpfs", "/tmp:size=16m,mode=1777", "--volume", `${folder}:/kit:ro`,
      ...Object.entries(environment).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
      image, "node", "/app/backup.js",
    ],
  };
}

/** Reads an object of the set into a program. */
async function saved(from: Called, key: string, [program = "", ...args]: readonly string[]): Promise<void> {
  const source = execa(from.program, from.args, { input: key, encoding: "buffer", buffer: { stdout: false } });
  const ended = source.then(() => undefined, (error: unknown) => error);
  try {
    await source.pipe(program, args);
  } catch (error) {
    throw failed("An object of the set can't be read.", (await ended) ?? error);
  }
}

async function must(program: string, args: readonly string[]): Promise<void> {
  await execa(program, args).catch((error: unknown) => {
    throw failed(`${program} fails.`, error);
  });
}

const failed = (what: string, error: unknown): unknown => (error instanceof ExecaError ? new PersonError(what, { why: wordsOf(error), cause: error }) : error);

/** A report as `jlam drill --report` wrote it. @throws ZodError for anything else */
export const drillReport = (text: string): DrillReport => drillReportSchema.parse(JSON.parse(text));

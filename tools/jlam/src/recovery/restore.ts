/** `jlam restore`: what a restore over a running environment would lose, and the restore itself. */
import { readFile } from "node:fs/promises";
import type { Manifest } from "@jlam/backup/manifest";
import type { PlanFile } from "@jlam/backup/plan-file";
import { execa } from "execa";
import type { ContainerState } from "../runtime/containers.ts";
import { runningContainer } from "../runtime/in-container.ts";
import type { Reporter } from "../runtime/reporter.ts";
import { PersonError } from "../terminal/failure.ts";
import { bringBack, type BroughtBack } from "./bring-back.ts";
import { destinationOf } from "./destination.ts";
import { answerOf, engineIn, setReader } from "./reader.ts";
import { timedSteps, type DoneStep } from "./timed-steps.ts";

export interface RestoreOptions {
  readonly root: string;
  /** Id of the set; the newest usable one when undefined. */
  readonly set: string | undefined;
  /** Environment whose sets are read, and the one that is restored into. */
  readonly from: string;
  readonly into: string;
  /** Ids of the plan; all when empty. */
  readonly only: readonly string[];
  /** File of a private key; undefined: the throw-away key in the engine's container. */
  readonly keyFile: string | undefined;
}

export interface PreparedRestore {
  readonly manifest: Manifest;
  /** One line for each thing that is overwritten, with what is lost. */
  readonly losses: readonly string[];
  /** Restores; to be called once somebody has agreed to the losses. */
  run(reporter: Reporter): Promise<BroughtBack & { readonly steps: readonly DoneStep[] }>;
}

/**
 * Reads the set and says what it would overwrite. Changes nothing.
 * @throws PersonError when an environment is down, the set or the key can't be used, or something named is in no set
 */
export async function prepareRestore({ root, set, from, into, only, keyFile }: RestoreOptions): Promise<PreparedRestore> {
  const engine = await runningContainer(from, "backup");
  const reader = setReader(engineIn(engine), await privateKey(engine, keyFile));
  const manifest = await reader.manifest(set);
  const destination = await destinationOf(into, root);
  const { plan } = destination;
  refuseUnknown(only, manifest, plan);
  const [first] = manifest.databases;
  // The smallest object: a key that can't read it stops nothing.
  if (first !== undefined) await answerOf(reader.object(manifest.id, first.id, "roles"), reader.key);
  return {
    manifest,
    losses: await lossesOf(manifest, plan, only, await runningContainer(into, "backup")),
    run: async (reporter) => {
      const steps = timedSteps(reporter);
      const back = await bringBack({ ...destination, manifest, reader, only, steps });
      return { ...back, steps: steps.done };
    },
  };
}

/** The throw-away key lies in the engine's own volume; a real one never lies on the machine. */
export async function privateKey(engine: ContainerState, keyFile: string | undefined): Promise<string> {
  if (keyFile !== undefined) {
    return readFile(keyFile, "utf8").catch((error: unknown) => {
      throw new PersonError(`The key can't be read.`, { where: keyFile, why: error instanceof Error ? error.message : String(error) });
    });
  }
  return throwAwayKey(engine, "operations");
}

/** A private key that the environment made for itself. @throws PersonError where it keeps none */
export async function throwAwayKey(engine: ContainerState, name: "operations" | "escrow"): Promise<string> {
  const result = await execa("docker", ["exec", engine.id, "cat", `/keys/${name}.key`], { reject: false });
  if (!result.failed) return `${result.stdout}\n`;
  throw new PersonError("Nothing on this machine can read its sets.", {
    why: "That is how it is meant: whoever takes the machine can't read them either.",
    fix: `Give the private half of the ${name} key: --key FILE.`,
  });
}

function refuseUnknown(only: readonly string[], manifest: Manifest, plan: PlanFile): void {
  const known = [...plan.databases, ...plan.volumes].map(({ id }) => id);
  for (const id of only) {
    if (known.includes(id) && manifest.objects.some(({ of }) => of === id)) continue;
    throw new PersonError(`"${id}" can't be restored: it is ${known.includes(id) ? `not in the set ${manifest.id}` : `not in the plan of ${plan.environment}`}.`, { fix: `There are: ${known.join(", ")}.`, exitCode: 2 });
  }
}

async function lossesOf(manifest: Manifest, plan: PlanFile, only: readonly string[], target: ContainerState): Promise<readonly string[]> {
  const wanted = (id: string): boolean => only.length === 0 || only.includes(id);
  const losses: string[] = [];
  for (const { id, snapshotAt } of manifest.databases) {
    if (!wanted(id) || !plan.databases.some((planned) => planned.id === id)) continue;
    const equal = await isEqual(engineIn(target), id, manifest);
    losses.push(`${id}: ${equal ? "is as the set has it, so nothing is lost" : `everything that was written since ${snapshotAt} (${ago(snapshotAt)})`}`);
  }
  for (const { id } of plan.volumes) if (wanted(id) && manifest.objects.some(({ of }) => of === id)) losses.push(`${id}: all its files, for those of ${manifest.startedAt} (${ago(manifest.startedAt)})`);
  return losses;
}

async function isEqual(engine: ReturnType<typeof engineIn>, id: string, manifest: Manifest): Promise<boolean> {
  return answerOf({ program: engine.program, args: [...engine.args, "compare", "--of", id] }, JSON.stringify(manifest)).then(() => true, () => false);
}

function ago(time: string): string {
  const minutes = Math.round((Date.now() - Date.parse(time)) / 60_000);
  return minutes < 120 ? `${minutes} minutes ago` : `${Math.floor(minutes / 60)} hours ago`;
}


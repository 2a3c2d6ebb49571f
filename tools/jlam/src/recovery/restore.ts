/** `jlam restore`: what a restore over a running environment would lose, and the restore itself. */
import { readFile } from "node:fs/promises";
import type { Manifest } from "@jlam/backup/manifest";
import type { PlanFile } from "@jlam/backup/plan-file";
import { execa } from "execa";
import type { ContainerState } from "../runtime/containers.ts";
import { instantInWords } from "../point-in-time/instant.ts";
import { runningContainer } from "../runtime/in-container.ts";
import type { Reporter } from "../runtime/reporter.ts";
import { fixOfName, messageOf, PersonError } from "../terminal/failure.ts";
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
  return keyFile === undefined ? throwAwayKey(engine, "operations") : readKeyFile(keyFile);
}

/** @throws PersonError where it can't be read */
export const readKeyFile = (path: string): Promise<string> =>
  readFile(path, "utf8").catch((error: unknown) => {
    throw new PersonError("The key can't be read.", { where: path, why: messageOf(error), cause: error });
  });

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
    const { kind, name } = namedOf(id);
    const others = known.flatMap((other) => (namedOf(other).kind === kind ? [namedOf(other).name] : []));
    throw new PersonError(`The ${kind} "${name}" can't be restored: it is not in the ${known.includes(id) ? `set ${manifest.id}` : `plan of ${plan.environment}`}.`, {
      fix: others.length === 0 ? `${plan.environment} saves no ${kind}.` : fixOfName(name, others.filter((other) => other !== name)),
      exitCode: 2,
    });
  }
}

/** Ids in plans and sets of what a person names; whoever gives the id itself, as `jlam backup list` shows it, means the same. */
export const idsOf = ({ databases, volumes = [] }: { readonly databases: readonly string[]; readonly volumes?: readonly string[] }): readonly string[] => [
  ...databases.map((name) => `postgres-${name.replace(/^postgres-/, "")}`),
  ...volumes.map((name) => `volume-${name.replace(/^volume-/, "")}`),
];

/** The way back: what a person calls it. */
export const namedOf = (id: string): { readonly kind: "database" | "volume"; readonly name: string } =>
  id.startsWith("volume-") ? { kind: "volume", name: id.replace(/^volume-/, "") } : { kind: "database", name: id.replace(/^postgres-/, "") };

async function lossesOf(manifest: Manifest, plan: PlanFile, only: readonly string[], target: ContainerState): Promise<readonly string[]> {
  const wanted = (id: string): boolean => only.length === 0 || only.includes(id);
  const losses: string[] = [];
  for (const { id, snapshotAt } of manifest.databases) {
    if (!wanted(id) || !plan.databases.some((planned) => planned.id === id)) continue;
    const equal = await isEqual(engineIn(target), id, manifest);
    losses.push(`${id}: ${equal ? "is as the set has it, so nothing is lost" : `everything that was written since ${instantInWords(new Date(snapshotAt))}, ${ago(new Date(snapshotAt))}`}`);
  }
  for (const { id } of plan.volumes) if (wanted(id) && manifest.objects.some(({ of }) => of === id)) losses.push(`${id}: all its files, for those of ${instantInWords(new Date(manifest.startedAt))}, ${ago(new Date(manifest.startedAt))}`);
  return losses;
}

async function isEqual(engine: ReturnType<typeof engineIn>, id: string, manifest: Manifest): Promise<boolean> {
  return answerOf({ program: engine.program, args: [...engine.args, "compare", "--of", id] }, JSON.stringify(manifest)).then(() => true, () => false);
}

/** How long something is past, as a person says it: `3 minutes ago`. */
export function ago(time: Date): string {
  const minutes = Math.round((Date.now() - time.getTime()) / 60_000);
  if (minutes < 1) return "less than a minute ago";
  if (minutes < 120) return minutes === 1 ? "a minute ago" : `${minutes} minutes ago`;
  return minutes < 2 * 24 * 60 ? `${Math.floor(minutes / 60)} hours ago` : `${Math.floor(minutes / (24 * 60))} days ago`;
}


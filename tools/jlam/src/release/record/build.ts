/** From a model to a release: pure, so that the same revision with the same images gives the same release. */
import { duration, emitFiles, publicUrl, versionInTag, type BackupDecision, type ResolvedEnvironment, type ResolvedService } from "@jlam/compose-dsl";
import { deriveSmoke } from "../smoke/derive.ts";
import type { Hash } from "./canonical.ts";
import type { GeneratedFiles } from "./archive.ts";
import { configurationOf, sealRelease, type Release, type ReleasedEnvironment, type ReleasedService, type ReleasedUpgrade, type SchemaContract, type Takeover } from "./release.ts";

/** Digest by `repository:tag`. */
export type Digests = Readonly<Record<string, Hash>>;

export interface BuildInput {
  readonly revision: string;
  /** UTC, as `2026-11-22T10:00:00Z`. */
  readonly committedAt: string;
  /** Released environments: those whose images are locked. */
  readonly environments: readonly ResolvedEnvironment[];
  /** Of images that were built from this revision; those of others come from the environments' locks. */
  readonly built: Digests;
  /** By application. */
  readonly schemas: Readonly<Record<string, SchemaContract>>;
}

/** Why no release can be made. */
export interface BuildProblem {
  readonly environment: string;
  readonly image: string;
  readonly message: string;
}

export type Built =
  | { readonly kind: "release"; readonly release: Release; readonly files: ReadonlyMap<string, GeneratedFiles> }
  | { readonly kind: "problems"; readonly problems: readonly BuildProblem[] };

/** The release of these environments, with the files of each; or which images have no digest, or two. */
export function buildRelease({ revision, committedAt, environments, built, schemas }: BuildInput): Built {
  const images: Record<string, Hash> = {};
  const problems: BuildProblem[] = [];
  for (const environment of environments) {
    for (const service of environment.services.values()) {
      const [reference] = locatedImage(service);
      const digest = digestOf(reference, environment, built);
      if (digest === undefined) problems.push({ environment: environment.name, image: reference, message: "it has no digest" });
      else if (images[reference] !== undefined && images[reference] !== digest) problems.push({ environment: environment.name, image: reference, message: `it is ${digest} here and ${images[reference]} elsewhere: what staging proves would be another program` });
      else images[reference] = digest;
    }
  }
  if (problems.length > 0) return { kind: "problems", problems: onceEach(problems) };
  const files = new Map(environments.map((environment) => [environment.name, emitFiles(environment)]));
  const released = environments.map((environment) => [environment.name, releasedEnvironment(environment, files.get(environment.name) ?? new Map(), images)] as const);
  return { kind: "release", release: sealRelease({ format: 1, revision, committedAt, images, environments: Object.fromEntries(released), schemas }), files };
}

const onceEach = (problems: readonly BuildProblem[]): readonly BuildProblem[] => [...new Map(problems.map((problem) => [`${problem.environment} ${problem.image}`, problem])).values()];

/** `repository:tag` and the digest that the emitted files name; own images are emitted as a variable that a release gives. */
function locatedImage({ image: { value } }: ResolvedService): readonly [reference: string, digest: string | undefined] {
  const text = /^\$\{\w+:-(.*)\}$/.exec(value)?.[1] ?? value;
  const [reference = text, digest] = text.split("@");
  return [reference, digest];
}

function digestOf(reference: string, { node: { images } }: ResolvedEnvironment, built: Digests): Hash | undefined {
  const locked = images.kind === "locked" ? images.lock[reference] : undefined;
  return built[reference] ?? (isHash(locked) ? locked : undefined);
}

const isHash = (text: string | undefined): text is Hash => text !== undefined && /^sha256:[0-9a-f]{64}$/.test(text);

function releasedEnvironment(environment: ResolvedEnvironment, files: GeneratedFiles, images: Digests): ReleasedEnvironment {
  return {
    configuration: configurationOf(files),
    services: Object.fromEntries([...environment.services.values()].map((service) => [service.name, releasedService(service, environment, images)])),
    smoke: deriveSmoke(environment),
  };
}

function releasedService(service: ResolvedService, environment: ResolvedEnvironment, images: Digests): ReleasedService {
  const { name, node, stack, mounts } = service;
  const [reference] = locatedImage(service);
  const proxy = environment.proxy?.service.name;
  const routes = environment.routes.filter((route) => name === proxy || route.service === name);
  const { objectives, makesSets } = node;
  const volumes = mounts.flatMap((mount) => (mount.kind === "volume" ? [mount.volume] : []));
  const kept = volumes.filter(({ backup, readOnly }) => readOnly !== true && isKept(backup, environment));
  const upgrade = upgradeOf(service);
  return {
    stack,
    takeover: takeoverOf(service),
    image: `${reference}@${images[reference] ?? ""}`,
    holds: node.holds,
    volumes: volumes.map(({ name: volume }) => volume),
    ...(kept.length > 0 && { kept: kept.map(({ name: volume }) => volume) }),
    ...(upgrade && { upgrade }),
    ...(makesSets && { makesSets }),
    routes: [...new Set(routes.map(({ host, route }) => publicUrl(environment.node, host, route.path)))].sort(),
    usedBy: [...new Set(environment.edges.filter(({ to, from, edge }) => to === name && edge.wait && from.name !== proxy).map(({ from }) => from.name))].sort(),
    stopGraceMs: node.stopGrace.ms,
    ...(objectives && { objectives: { availability: objectives.availability, ...(objectives.latency && { latencyP95Ms: millisecondsOf(objectives.latency.p95) }) } }),
  };
}

/** Whether a recovery set brings the data back: as it is, or through the resource whose files these are. */
const isKept = (backup: BackupDecision, { providers }: ResolvedEnvironment): boolean =>
  backup.kind === "backed-up" || (backup.kind === "covered-by" && providers.get(backup.resource)?.provides.backup.kind === "backed-up");

/** How its versions follow each other, with the one that its image names: `v3.7.15` is 3.7.15. */
function upgradeOf({ node: { upgrades, image } }: Pick<ResolvedService, "node">): ReleasedUpgrade | undefined {
  const version = image.kind === "registry" ? versionInTag(image.tag) : undefined;
  if (upgrades === undefined || version === undefined) return undefined;
  const { program, ...path } = upgrades;
  return { program, version, path };
}

function takeoverOf({ node }: ResolvedService): Takeover {
  if (node.kind === "job") return { kind: "one-shot" };
  return node.release.kind === "blue-green" ? { kind: "blue-green", drainMs: node.release.drain.ms } : { kind: "recreate" };
}

const millisecondsOf = (input: Parameters<typeof duration>[0]): number => duration(input).ms;

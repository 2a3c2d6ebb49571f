/** `up --watch`: our own programs run from their source, and start anew when it changes; the rest is as `up` left it. */
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { ComposeService, ResolvedEnvironment, ResolvedService } from "@jlam/compose-dsl";
import { dump } from "js-yaml";
import { applicationTag } from "../images/application.ts";
import { dockerBuild } from "../images/docker.ts";
import { provideImages } from "../images/provide.ts";
import { sourcePolicy } from "../images/source.ts";
import { wantedImage } from "../images/wanted.ts";
import { secretPaths } from "../secrets/provide.ts";
import { writePrivately } from "../secrets/private-file.ts";
import { repositoryRoot } from "../synth/platform.ts";
import { PersonError } from "../terminal/failure.ts";
import { boot } from "./boot.ts";
import { loadWithGiven, type Bootable } from "./bootable.ts";
import { listContainers } from "./containers.ts";
import { describeBootFailure } from "./failure-report.ts";
import { list } from "./format.ts";
import { takeLock } from "./lock.ts";
import { logLines } from "./logs.ts";
import type { LogLine } from "./log-lines.ts";
import { projectOf } from "./project.ts";
import { briefly, silent, type Reporter } from "./reporter.ts";
import { up } from "./up.ts";

export interface WatchOptions {
  /** An environment that is up. */
  readonly environment: string;
  readonly reporter?: Reporter;
  /** Ends the watch; the normal containers come back before the promise does. */
  readonly signal: AbortSignal;
  /** Told what the watched programs write. */
  readonly onLine: (line: LogLine) => void;
  /** Told once the programs run from their source. */
  readonly onWatching?: (services: readonly string[]) => void;
  readonly root?: string;
}

/** Stage of a Dockerfile that runs the source below /workspace as it is, and watches it. */
const stage = "development";

/**
 * Replaces the containers of services that we build by ones that run from the source, until `signal` says so. Emitted
 * files stay as they are: the difference is an override file in .jlam/.
 *
 * @throws PersonError where nothing can be watched, or a program doesn't start from its source
 */
export async function watch({ environment: name, reporter = silent, signal, onLine, onWatching, root = repositoryRoot }: WatchOptions): Promise<void> {
  const bootable = await loadWithGiven(name, root);
  const services = watchable(bootable.environment, root);
  if (services.length === 0) throw new PersonError(`Nothing in ${name} can be watched.`, { why: `No image of ours has a stage "${stage}" in its Dockerfile.` });
  const images = await reporter.phase("Images that run from source", async (report) => ({ value: await buildImages(services, root, briefly(report)) }));
  try {
    await replace(bootable, services, images, reporter, signal, root);
    onWatching?.(services.map(({ name: service }) => service));
    await follow(name, services, signal, onLine, root);
  } finally {
    await up({ environment: name, checkTypes: false, reporter, root });
  }
}

/** Services whose image is built here from a Dockerfile with the stage. */
function watchable({ services }: ResolvedEnvironment, root: string): readonly ResolvedService[] {
  return [...services.values()].filter(({ node }) => {
    if (node.kind !== "service" || node.image.kind !== "build") return false;
    const dockerfile = join(root, node.image.folder, "Dockerfile");
    return existsSync(dockerfile) && new RegExp(`^FROM .* AS ${stage}$`, "im").test(readFileSync(dockerfile, "utf8"));
  });
}

async function buildImages(services: readonly ResolvedService[], root: string, report: (image: string, line: string) => void): Promise<ReadonlyMap<string, string>> {
  const images = new Map<string, string>();
  for (const { node } of services) {
    const wanted = wantedImage(node.image);
    if (wanted.kind !== "built" || images.has(wanted.name)) continue;
    const { images: provided, missing } = await provideImages([wanted.base], { root, policy: sourcePolicy(process.env["JLAM_IMAGES"]), report });
    const base = provided[0]?.reference;
    if (base === undefined) throw new PersonError(`The base of ${wanted.name} can't be had.`, { why: missing[0]?.reason });
    const name = `${wanted.name}-${stage}`;
    const tag = applicationTag(root, { name, folder: wanted.folder, base });
    await dockerBuild({
      name,
      tag,
      context: root,
      dockerfile: join(root, wanted.folder, "Dockerfile"),
      target: stage,
      args: { NODE_IMAGE: base },
      labels: { "nl.jlam.application": name },
      report: (line) => report(name, line),
    });
    images.set(wanted.name, tag);
  }
  return images;
}

/**
 * Loading every module by itself takes more than running a bundle: at half a processor a reload took 16 s, and a person
 * waits for it.
 */
const roomToReload = { cpus: String(Math.min(2, availableParallelism())), memory: "512M" };

/** The override: another image, the source mounted over it, more room, and a label that tells why it differs. */
function overrideFile(services: readonly ResolvedService[], images: ReadonlyMap<string, string>, root: string): string {
  const entries = services.map(({ name, node }) => {
    const folder = `${node.image.kind === "build" ? node.image.folder : ""}/src`;
    const image = images.get(node.image.name);
    const override: ComposeService = {
      ...(image !== undefined && { image }),
      volumes: [{ type: "bind", source: join(root, folder), target: `/workspace/${folder}`, read_only: true }],
      environment: { NODE_COMPILE_CACHE: "/tmp/compile-cache" },
      deploy: { resources: { limits: roomToReload } },
      labels: { "nl.jlam.watch": folder },
    };
    return [name, override] as const;
  });
  return `# Written by \`jlam up --watch\`; never part of a release.\n${dump({ services: Object.fromEntries<ComposeService>(entries) })}`;
}

async function replace(
  { environment, directory }: Bootable,
  services: readonly ResolvedService[],
  images: ReadonlyMap<string, string>,
  reporter: Reporter,
  signal: AbortSignal,
  root: string,
): Promise<void> {
  const file = join(root, ".jlam", "watch", `${environment.name}.yaml`);
  writePrivately(file, overrideFile(services, images, root));
  const base = projectOf(environment, root, { variables: {}, profiles: [] }, directory);
  const project = { ...base, files: [...base.files, file] };
  const lock = takeLock(secretPaths(root, environment.name).state, `jlam up ${environment.name} --watch`);
  try {
    const before = await listContainers(project.name);
    const names = services.map(({ name }) => name);
    const outcome = await reporter.services(names, (onProgress) =>
      boot({
        project,
        services,
        plan: names.map((service) => ({ service, action: "recreate", because: "it runs from its source", forced: false })),
        dependencies: "leave",
        before,
        timeout: 120_000,
        signal,
        onProgress,
        onCompose: (pid) => lock.note(pid),
      }),
    );
    if (outcome.kind !== "ready" && outcome.kind !== "interrupted") throw await describeBootFailure(outcome, environment, project.name, (text) => text);
  } finally {
    lock.release();
  }
}

async function follow(environment: string, services: readonly ResolvedService[], signal: AbortSignal, onLine: WatchOptions["onLine"], root: string): Promise<void> {
  const names = services.map(({ name }) => name);
  const lines = logLines({ environment, services: names, follow: true, tail: "0", signal, root });
  for await (const line of lines) onLine(line);
  if (!signal.aborted) throw new PersonError(`${list(names)} ended while it was watched.`, { fix: `\`jlam logs ${environment} ${names[0] ?? ""}\` tells why.` });
}

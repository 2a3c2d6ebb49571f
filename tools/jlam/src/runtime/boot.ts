/** Starts what a plan says through Compose, and watches every service until it is ready, fails, or time is up. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ResolvedService } from "@jlam/compose-dsl";
import { listContainers, type ContainerState } from "./containers.ts";
import { judge, type Progress } from "./judge.ts";
import type { PlannedService } from "./plan.ts";
import { compose, type Project } from "./project.ts";

export interface BootOptions {
  readonly project: Project;
  /** Everything that must be ready in the end. */
  readonly services: readonly ResolvedService[];
  readonly plan: readonly PlannedService[];
  /** Containers before the boot. */
  readonly before: readonly ContainerState[];
  /** Whether what the services wait for is started with them (the default), or left alone. */
  readonly dependencies?: "start" | "leave";
  /** Milliseconds after which a boot that makes no end is given up. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  /** Told whenever a service gets somewhere. */
  readonly onProgress: (service: string, progress: Progress) => void;
  /** Told the process ids of the Compose that runs. */
  readonly onCompose: (pid: number | undefined) => void;
}

export type BootOutcome =
  | { readonly kind: "ready" }
  | { readonly kind: "interrupted" }
  | { readonly kind: "failed"; readonly service: string; readonly text: string; readonly composeOutput: string }
  | { readonly kind: "compose-failed"; readonly composeOutput: string }
  | { readonly kind: "too-slow"; readonly waiting: readonly { readonly service: string; readonly text: string }[]; readonly composeOutput: string };

/** Containers change state within seconds; a look costs one request per container. */
const pollEvery = 300;

/** What Compose said, once it has ended. */
const outputOf = ({ ended }: { readonly ended: { readonly output: string } | undefined }): string => ended?.output ?? "";

/** Boots. Never throws for what a service does; that is the outcome. */
export async function boot(options: BootOptions): Promise<BootOutcome> {
  const { project, services, plan, signal } = options;
  const began = Date.now();
  const running = startCompose(options);
  const compose: { ended: { readonly output: string; readonly failed: boolean } | undefined } = { ended: undefined };
  void running.then((result) => {
    compose.ended = result;
  });
  const told = new Map<string, string>();
  const touched = new Set(plan.filter(({ action }) => action !== "keep").map(({ service }) => service));
  const before = new Map(options.before.map((container) => [container.service, container]));
  for (;;) {
    const ended = compose.ended;
    const startedBefore = ended !== undefined;
    const containers = new Map((await listContainers(project.name)).map((container) => [container.service, container]));
    // A container that is about to be replaced says nothing about the one that follows.
    for (const [service, container] of containers) {
      const was = before.get(service);
      if (!startedBefore && touched.has(service) && was?.id === container.id && was.started === container.started) containers.delete(service);
    }
    const progress = judgeAll(services, containers, { now: Date.now(), began, allStarted: startedBefore });
    for (const [service, reached] of progress) {
      if (told.get(service) === reached.text) continue;
      told.set(service, reached.text);
      options.onProgress(service, reached);
    }
    if (signal.aborted) {
      await running;
      return { kind: "interrupted" };
    }
    const failed = [...progress].find(([, { kind }]) => kind === "failed");
    if (failed !== undefined) {
      const [service, { text }] = failed;
      await running.stop();
      return { kind: "failed", service, text, composeOutput: outputOf(compose) };
    }
    if (ended?.failed) return { kind: "compose-failed", composeOutput: ended.output };
    const waiting = [...progress].filter(([, { kind }]) => kind === "waiting").map(([service, { text }]) => ({ service, text }));
    if (startedBefore && waiting.length === 0) return { kind: "ready" };
    if (Date.now() - began > options.timeout) {
      await running.stop();
      return { kind: "too-slow", waiting, composeOutput: outputOf(compose) };
    }
    await sleep(pollEvery);
  }
}

function judgeAll(
  services: readonly ResolvedService[],
  containers: ReadonlyMap<string, ContainerState>,
  clock: Parameters<typeof judge>[3],
): ReadonlyMap<string, Progress> {
  const byName = new Map(services.map((service) => [service.name, service]));
  const judged = new Map<string, Progress>();
  const judgeOne = (service: ResolvedService): Progress => {
    const known = judged.get(service.name);
    if (known !== undefined) return known;
    const waitsFor = service.dependsOn
      .map(({ service: other }) => byName.get(other))
      .filter((other) => other !== undefined)
      .filter((other) => judgeOne(other).kind !== "ready")
      .map(({ name }) => name);
    const progress = judge(service, containers.get(service.name), waitsFor, clock);
    judged.set(service.name, progress);
    return progress;
  };
  for (const service of services) judgeOne(service);
  return judged;
}

interface ComposeRun extends PromiseLike<{ readonly failed: boolean; readonly output: string }> {
  /** Ends Compose; what it started stays as it is. */
  readonly stop: () => Promise<void>;
}

/**
 * `docker compose up --detach`, which makes and starts in the order of dependencies. Services that must be new although
 * Compose sees no difference come in a second call.
 */
function startCompose({ project, plan, onCompose, signal, dependencies }: BootOptions): ComposeRun {
  const touched = plan.filter(({ action }) => action !== "keep");
  const usual = touched.filter(({ forced }) => !forced).map(({ service }) => service);
  const forced = touched.filter((planned) => planned.forced).map(({ service }) => service);
  const up = ["up", "--detach", "--quiet-pull", ...(dependencies === "leave" ? ["--no-deps"] : [])];
  const calls = [...(usual.length > 0 ? [[...up, ...usual]] : []), ...(forced.length > 0 ? [[...up, "--force-recreate", ...forced]] : [])];
  let current: ReturnType<typeof compose> | undefined;
  let stopped = false;
  const run = async () => {
    const output: string[] = [];
    for (const args of calls) {
      if (stopped || signal.aborted) break;
      current = compose(project, args);
      onCompose(current.pid);
      const result = await current;
      onCompose(undefined);
      output.push(result.all);
      if (result.failed) return { failed: true, output: output.join("\n") };
    }
    return { failed: false, output: output.join("\n") };
  };
  const result = run();
  const stop = async () => {
    stopped = true;
    current?.kill("SIGTERM");
    await result;
  };
  signal.addEventListener("abort", () => void stop(), { once: true });
  return { then: result.then.bind(result), stop };
}

/** `up`: from declarations to a running environment. Repeatable; what is as it should be isn't touched. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { ResolvedService } from "@jlam/compose-dsl";
import type { GivenVersion } from "../images/given-version.ts";
import { ensureEngine } from "../machine/engine.ts";
import { secretsForPeople, type SecretForPeople } from "../secrets/for-people.ts";
import { secretPaths } from "../secrets/provide.ts";
import { repositoryRoot } from "../synth/platform.ts";
import { PersonError } from "../terminal/failure.ts";
import { onInterrupt } from "../terminal/interrupt.ts";
import { addressesOf, type Address } from "./addresses.ts";
import { untilAnswering } from "./answering.ts";
import { boot } from "./boot.ts";
import { loadBootable, recordVersions } from "./bootable.ts";
import { engine, ifGone, listContainers, type ContainerState } from "./containers.ts";
import { changesBetween, type ServiceReport } from "./changes.ts";
import { describeBootFailure } from "./failure-report.ts";
import { count, list } from "./format.ts";
import { takenPorts } from "./host-ports.ts";
import { takeLock, type Lock } from "./lock.ts";
import { removeNetworks } from "./networks.ts";
import type { PlannedService } from "./plan.ts";
import { prepare, type Prepared } from "./prepare.ts";
import { silent, type Reporter } from "./reporter.ts";
import type { LeftOut } from "./selection.ts";
import { survey, type Survey } from "./survey.ts";
import { noteTakenUp, tellServices } from "./taken-up.ts";

export interface UpOptions {
  readonly environment: string;
  /** Stacks to boot, with what they wait for; all when empty or absent. */
  readonly stacks?: readonly string[];
  /** Services to make anew although nothing changed. */
  readonly recreate?: readonly string[];
  /** Milliseconds until a boot that makes no end is given up; by default what the health checks allow. */
  readonly timeout?: number;
  /** Say what would be done, and do nothing to containers. Images and secrets are still provided. */
  readonly dryRun?: boolean;
  /** Don't ask before installing an engine. */
  readonly yes?: boolean;
  readonly checkTypes?: boolean;
  readonly reporter?: Reporter;
  readonly root?: string;
}

export interface UpResult {
  readonly environment: string;
  readonly services: readonly ServiceReport[];
  /** Names of the services that were made, made anew, started or run again. */
  readonly changed: readonly string[];
  /** For `dryRun`: what would be done. */
  readonly plan: readonly PlannedService[];
  readonly leftOut: readonly LeftOut[];
  /** Given images of other versions than the declared ones. */
  readonly versions: readonly GivenVersion[];
  /** Folder of the files that it runs from. */
  readonly directory: string;
  readonly addresses: readonly Address[];
  /** Secrets that a person signs in with, and the files that hold them. */
  readonly forPeople: readonly SecretForPeople[];
  /** Secrets that a person still has to give. */
  readonly placeholders: readonly { readonly id: string; readonly description: string }[];
  /** Path of the certificate of the authority that signed the addresses' certificates, if it is this machine's own. */
  readonly authority: string | undefined;
  readonly milliseconds: number;
}

/**
 * Boots an environment and waits until everything in it is healthy.
 *
 * @throws PersonError for whatever a person can mend; a BootError when a service doesn't come up
 */
export async function up(options: UpOptions): Promise<UpResult> {
  const began = Date.now();
  const { root = repositoryRoot, environment: name, reporter = silent } = options;
  await loadBootable(name, root);
  const lock = takeLock(secretPaths(root, name).state, `jlam up ${name}`);
  const interruption = new AbortController();
  const over = Promise.withResolvers<undefined>();
  let booting = false;
  const forget = onInterrupt(async () => {
    interruption.abort();
    if (booting) await over.promise;
    else lock.release();
    await nextTurn();
  });
  try {
    await reporter.phase("Engine", async (report) => {
      const { server, compose } = await ensureEngine({ yes: options.yes === true, say: report });
      return { value: undefined, said: `Engine ${server}, Compose ${compose}` };
    });
    const recreate = options.recreate ?? [];
    const prepared = await prepare({ root, environment: name, stacks: options.stacks ?? [], recreate, checkTypes: options.checkTypes ?? true, reporter });
    const found = await survey(prepared, root, recreate);
    if (options.dryRun !== true) recordVersions(name, root, prepared.versions);
    if (options.dryRun !== true && !found.settled) {
      booting = true;
      await bring(prepared, found, { options, root, reporter, lock, signal: interruption.signal });
    }
    return await resultOf(prepared, found, began, booting);
  } finally {
    forget();
    lock.release();
    over.resolve(undefined);
  }
}

interface BringContext {
  readonly options: UpOptions;
  readonly root: string;
  readonly reporter: Reporter;
  readonly lock: Lock;
  readonly signal: AbortSignal;
}

async function bring(prepared: Prepared, found: Survey, context: BringContext): Promise<void> {
  const { environment, selection, redact } = prepared;
  await refuseTakenPorts(selection.services, found);
  await removeNetworks(found.networks);
  // With their anonymous volumes, which nobody would find again.
  for (const { id } of found.leftovers) await engine.getContainer(id).remove({ force: true, v: true }).catch(ifGone);
  const first = new Set(found.untold.map(({ service }) => service));
  if (first.size > 0) {
    await bootServices(selection.services.filter(({ name }) => first.has(name)), prepared, { ...found, plan: found.plan.filter(({ service }) => first.has(service)) }, context);
    await tellServices(found.untold, environment, context.root, redact);
  }
  const rest = found.plan.map((planned): PlannedService => (first.has(planned.service) ? { ...planned, action: "keep" } : planned));
  await bootServices(selection.services, prepared, { ...found, plan: rest }, context);
  noteTakenUp(environment, selection.services.map(({ name }) => name), context.root);
}

/** Boots what the plan says and waits until all of the services are ready. Throws a PersonError if they don't get there. */
async function bootServices(services: readonly ResolvedService[], prepared: Prepared, found: Survey, { options, reporter, lock, signal }: BringContext): Promise<void> {
  const { environment, project, redact } = prepared;
  const busy = services.filter(({ name }) => !isSteady(name, found));
  const outcome = await reporter.services(
    busy.map(({ name }) => name),
    (onProgress) =>
      boot({
        project,
        services,
        plan: found.plan,
        before: found.containers,
        timeout: options.timeout ?? allowance(busy),
        signal,
        onProgress,
        onCompose: (pid) => lock.note(pid),
      }),
  );
  switch (outcome.kind) {
    case "ready":
      return;
    case "interrupted":
      throw await afterInterruption(environment.name, project.name, found.containers);
    case "failed":
    case "too-slow":
    case "compose-failed":
      throw await describeBootFailure(outcome, environment, project.name, redact);
  }
}

/** A boot that is interrupted before anything of the environment was there leaves nothing running. */
async function afterInterruption(name: string, project: string, before: readonly ContainerState[]): Promise<PersonError> {
  const first = before.length === 0;
  const running = (await listContainers(project)).filter(({ status }) => status === "running" || status === "restarting");
  if (first) await Promise.all(running.map(({ id }) => engine.getContainer(id).stop({ t: 5 }).catch(ifGone)));
  return new PersonError(`Interrupted while ${name} was starting.`, {
    why: first ? `${count(running.length, "container")} of this first start ${running.length === 1 ? "was" : "were"} stopped; data stays.` : "What was running before still runs.",
    fix: `\`jlam up ${name}\` goes on where this ended; \`jlam down ${name}\` takes everything away.`,
  });
}

const isSteady = (service: string, { plan, containers }: Survey): boolean =>
  plan.find((planned) => planned.service === service)?.action === "keep" &&
  containers.some((container) => container.service === service && (container.health === "healthy" || container.health === undefined));

/** Ports that a service will publish and does not publish now must be free. */
async function refuseTakenPorts(services: readonly ResolvedService[], { plan, containers }: Survey): Promise<void> {
  const running = containers.filter(({ status }) => status === "running").flatMap(({ published }) => published);
  const wanted = services
    .filter(({ name }) => plan.some(({ service, action }) => service === name && action !== "keep"))
    .flatMap(({ node }) => Object.values(node.publishes).filter((port) => port !== undefined));
  const address = "127.0.0.1";
  const taken = await takenPorts(wanted.map((port) => `${address}:${port}`).filter((text) => !running.includes(text)));
  if (taken.length === 0) return;
  throw new PersonError(`${taken.length === 1 ? "A port is" : "Ports are"} taken: ${list(taken.map(({ port, holder }) => `${port} by ${holder}`))}.`, {
    why: "The edge publishes them; nothing was started.",
    fix: "Stop what holds them, or change `publishing` in environment.ts.",
  });
}

/** Three minutes, or the longest start period with a minute on top: a health check says itself how long a start may take. */
function allowance(services: readonly ResolvedService[]): number {
  const periods = services.map(({ node }) => node.health?.timing.startPeriod.ms ?? 0);
  return Math.max(180_000, Math.max(0, ...periods) + 60_000);
}

async function resultOf({ environment, versions, directory, project, selection, secrets, authority }: Prepared, found: Survey, began: number, booted: boolean): Promise<UpResult> {
  const after = await listContainers(project.name);
  const services = changesBetween(selection.services, found.containers, after);
  const ready = new Set(after.filter(({ status, health }) => status === "running" && (health === "healthy" || health === undefined)).map(({ service }) => service));
  const addresses = addressesOf(environment, ready);
  return {
    environment: environment.name,
    services,
    changed: services.filter(({ change }) => change !== "unchanged").map(({ service }) => service),
    plan: found.plan,
    leftOut: selection.leftOut,
    versions,
    directory,
    addresses: booted ? await untilAnswering(addresses, environment, authority) : addresses,
    forPeople: secretsForPeople(environment, selection.services),
    placeholders: secrets.placeholders,
    authority,
    milliseconds: Date.now() - began,
  };
}

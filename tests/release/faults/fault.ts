/** A fault of a release: how it is made, what must come of it, and by what it shows that it was there. */
import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { execa, type ResultPromise } from "execa";
import { asPersonError, exitCodeOf } from "../../../tools/jlam/src/release/command/ending.ts";
import { resultInWords } from "../../../tools/jlam/src/release/command/witness.ts";
import type { Host } from "../../../tools/jlam/src/release/host/host.ts";
import type { Step } from "../../../tools/jlam/src/release/journal/entry.ts";
import type { Delivery, Manner } from "../../../tools/jlam/src/release/machine/deploy.ts";
import { describeFailure, PersonError } from "../../../tools/jlam/src/terminal/failure.ts";
import { environmentName, shortWatch, type ReleaseHost, type Told, type Workshop } from "../bed/bed.ts";
import type { ApplicationChanges } from "../bed/environment.ts";
import type { Mode } from "../bed/images.ts";
import type { DeployerOrder } from "../programs/deployer.ts";

/** What a deploy came to. */
export interface Ended {
  readonly end: "finished" | "reverted" | "held" | "threw" | "killed";
  /** What `jlam deploy` exits with. */
  readonly exit: number;
  /** What `jlam deploy` says at its end; below it, what was seen of the fault itself. */
  readonly told: string;
}

/** A host on which the old version serves, while a new one is brought with a fault. */
export interface Scene {
  readonly workshop: Workshop;
  readonly host: ReleaseHost;
  /** Number of the version that is brought. */
  readonly version: number;
}

export interface Fault {
  readonly name: string;
  /** Brings the version while the fault is there, and takes the fault away. */
  readonly bring: (scene: Scene) => Promise<Ended>;
  readonly ends: Ended["end"];
  /** Exit code; the one that goes with `ends` unless said. */
  readonly exits?: number;
  /** In what is told: that the fault bit, and what it is called. */
  readonly says: RegExp;
  /** What serves right after it. */
  readonly serves: "old" | "new";
  /** Failures that visitors may see, since the fault itself makes them; none unless said. */
  readonly visitors?: RegExp;
  /** The command by which somebody ends what was left unfinished: the same release, another one, or a rollback. */
  readonly next?: "same" | "another" | "rollback";
}

/** Exit codes by how a deploy ended, as `jlam deploy --help` lists them; 137 is the shell's for SIGKILL. */
export const exits: Readonly<Record<Ended["end"], number>> = { finished: 0, reverted: 5, held: 6, threw: 1, killed: 137 };

/** What visitors see of a proxy that isn't there: it is the only door. */
export const doorClosed = /: (ECONNREFUSED|ECONNRESET|EPIPE|UND_ERR_SOCKET|UND_ERR_CONNECT_TIMEOUT|UND_ERR_HEADERS_TIMEOUT|socket hang up|no answer|closed with 1006|stream: .*)$/;

/** A deploy as it ends, whatever it throws. `seen`: what was seen of the fault. */
export async function outcomeOf(run: () => Promise<Told>, seen: (told: Told) => string = () => ""): Promise<Ended> {
  try {
    const told = await run();
    return { end: told.result.end, exit: exitCodeOf(told.result), told: [...resultInWords(environmentName, told.result), seen(told)].join("\n") };
  } catch (error) {
    const failure = asPersonError(error, environmentName);
    if (!(failure instanceof PersonError)) throw error;
    return { end: "threw", exit: failure.exitCode, told: describeFailure(failure) };
  }
}

/** What of a deploy a fault changes. */
export interface Differently {
  readonly mode?: Mode;
  readonly changes?: ApplicationChanges;
  readonly delivery?: (delivery: Delivery) => Delivery;
  readonly manner?: Partial<Manner>;
  /** What was seen of the fault, for those that the deploy itself says nothing of. */
  readonly seen?: (told: Told) => string;
}

/** Brings the scene's version. */
export async function deployed({ workshop, host, version }: Scene, { mode = "good", changes = {}, delivery = (one) => one, manner = {}, seen }: Differently = {}): Promise<Ended> {
  const brought = delivery(await workshop.delivery(version, mode, changes));
  return await outcomeOf(() => host.deploy(brought, manner), seen);
}

/** Does something when a step begins or has ended. It is waited for before the deployer goes on. */
export const at = (step: Step, when: "began" | "ended", come: () => void): Partial<Manner> => ({
  witness: {
    began: (now) => (now === step && when === "began" ? come() : undefined),
    at: () => undefined,
    ended: (now) => (now === step && when === "ended" ? come() : undefined),
  },
});

/** Does something on the host at once, before the deployer does anything else. */
export const onHost = ({ host }: Scene, script: string): void => host.machine.runNow("sh", ["-c", script]);

/** Counts how often a connection to the host was opened. */
export function countedConnections({ host }: Scene): { readonly open: () => Promise<Host>; readonly count: () => number } {
  let count = 0;
  return {
    open: () => {
      count += 1;
      return host.open();
    },
    count: () => count,
  };
}

/** Seconds that a step took. */
export const secondsOf = ({ story }: Told, step: Step): number => Math.round((story.find((told) => told.step === step)?.milliseconds ?? 0) / 1000);

/** Starts a deployer of its own process, which ends or stops itself at a moment. What it says at its end is its output. */
export async function ownDeployer({ workshop, host, version }: Scene, at: DeployerOrder["at"]): Promise<{ readonly run: ResultPromise<typeof ownOptions> }> {
  const { files, secrets, planned: _, ...delivery } = await workshop.delivery(version);
  const order: DeployerOrder = { environment: environmentName, destination: host.machine.destination, delivery, files: [...files], secrets: [...secrets], watch: shortWatch, at };
  const path = join(host.machine.folder, `order-${version}.json`);
  writeFileSync(path, JSON.stringify(order), { mode: 0o600 });
  return { run: execa(process.execPath, [join(import.meta.dirname, "..", "programs", "deployer.ts"), path], ownOptions) };
}

const ownOptions = { reject: false, all: true, timeout: 300_000 } as const;

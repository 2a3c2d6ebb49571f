/** Carries a rotation on from where it stands: step by step, each noted once it is done, until somebody else has to act. */
import { PersonError } from "../../terminal/failure.ts";
import { addVersion, dropOthers, useVersion, wantedSecret, type Target } from "../change.ts";
import { readSealed, sealedPath, usedVersion } from "../sealed/file.ts";
import { unseal } from "../sealed/seal.ts";
import type { WantedSecret } from "../wanted.ts";
import { openRotation, readJournal, withStep, writeRotation, type Rotation } from "./journal.ts";
import type { Login, LoginServer } from "./login-server.ts";
import { rotationSteps, type Step, type StepName } from "./plan.ts";

export interface RotateOptions {
  /** Value that somebody else issued; undefined where we make it. */
  readonly value: string | undefined;
  /** The step that a person did, and says so. */
  readonly done: StepName | undefined;
  /** Private keys, for steps that need a value. */
  readonly identities: () => readonly string[];
  /** The server of a database's login. */
  readonly server: () => Promise<LoginServer>;
}

export interface RotationProgress {
  readonly rotation: Rotation;
  readonly steps: readonly Step[];
  /** The step that waits for a person; undefined where the rotation has ended. */
  readonly waitsFor: Step | undefined;
}

/** How far a rotation is, or what it would consist of. Changes nothing. */
export function rotationProgress({ environment, root, now }: Target, id: string): RotationProgress {
  const wanted = wantedSecret(environment, id);
  const rotation = openRotation(readJournal(root, environment.name), id) ?? begin(root, environment.name, id, now);
  const steps = rotationSteps(wanted, rotation.from, rotation.to);
  return { rotation, steps, waitsFor: next(rotation, steps) };
}

/**
 * Goes on with the rotation of a secret, or begins one.
 *
 * @throws PersonError where a step can't be done yet, such as closing a login that has sessions; what was done stays done
 */
export async function rotate(target: Target, id: string, options: RotateOptions): Promise<RotationProgress> {
  const { environment, root } = target;
  const wanted = wantedSecret(environment, id);
  const { rotation: standing, steps, waitsFor: first } = rotationProgress(target, id);
  if (standing.state === "returning") throw new PersonError(`The rotation of "${id}" is being taken back.`, { fix: `Deploy, then \`jlam secrets rotate ${environment.name} ${id} --take-back --done deploy\`.` });
  let rotation = standing;
  const note = (step: StepName): void => {
    rotation = withStep(rotation, step, target.now);
    writeRotation(root, environment.name, rotation);
  };
  let said = options.done;
  if (said !== undefined && first?.name !== said) {
    throw new PersonError(`The rotation of "${id}" doesn't wait for "${said}".`, { why: first === undefined ? "It has ended." : `Its next step is "${first.name}": ${first.what}.` });
  }
  for (let step = first; step !== undefined; step = next(rotation, steps)) {
    if (step.by === "person" && said !== step.name) return { rotation, steps, waitsFor: step };
    said = undefined;
    await perform(step, { target, wanted, rotation, options });
    note(step.name);
  }
  rotation = { ...rotation, state: "finished" };
  writeRotation(root, environment.name, rotation);
  return { rotation, steps, waitsFor: undefined };
}

/**
 * Takes a rotation back that hasn't revoked the old version. Where consumers were deployed with the new one, they are
 * given the old one first, and a second call with `done: "deploy"` ends it.
 */
export async function takeBack(target: Target, id: string, options: Pick<RotateOptions, "done" | "server">): Promise<Rotation> {
  const { environment, root } = target;
  const rotation = openRotation(readJournal(root, environment.name), id);
  if (rotation === undefined) throw new PersonError(`"${id}" isn't being rotated.`);
  const { login } = wantedSecret(environment, id);
  useVersion(target, id, rotation.from);
  const deployed = rotation.done.some(({ step }) => step === "deploy");
  if (deployed && options.done !== "deploy") {
    const returning: Rotation = { ...rotation, state: "returning" };
    writeRotation(root, environment.name, returning);
    return returning;
  }
  if (login !== undefined && rotation.done.some(({ step }) => step === "open")) await closeUnused(await options.server(), { ...login, version: rotation.to });
  dropOthers(target, id);
  const ended: Rotation = { ...rotation, state: "taken-back" };
  writeRotation(root, environment.name, ended);
  return ended;
}

interface Work {
  readonly target: Target;
  readonly wanted: WantedSecret;
  readonly rotation: Rotation;
  readonly options: RotateOptions;
}

/** Each may run again after an interruption: what is done already is left as it is. */
async function perform(step: Step, { target, wanted: { id, login }, rotation: { from, to }, options }: Work): Promise<void> {
  switch (step.name) {
    case "add":
      if (!hasVersion(target, id, to)) await addVersion(target, id, options.value);
      return;
    case "open":
      if (login !== undefined) await (await options.server()).open({ ...login, version: to }, await valueOf(target, id, to, options));
      return;
    case "switch":
      return useVersion(target, id, to);
    case "deploy":
      return;
    case "verify":
      if (login !== undefined) await verifyLogins(await options.server(), { ...login, version: from }, { ...login, version: to }, await valueOf(target, id, to, options));
      return;
    case "revoke":
      if (login !== undefined) await closeUnused(await options.server(), { ...login, version: from });
      return dropOthers(target, id);
  }
}

async function verifyLogins(server: LoginServer, old: Login, fresh: Login, password: string): Promise<void> {
  if (!(await server.letsIn(fresh, password))) throw new PersonError("The new login can't sign in with its password.", { why: "Somebody changed it on the server.", fix: "Take the rotation back with --take-back, and begin anew." });
  await refuseSessions(server, old);
}

async function closeUnused(server: LoginServer, login: Login): Promise<void> {
  await refuseSessions(server, login);
  await server.close(login);
}

async function refuseSessions(server: LoginServer, login: Login): Promise<void> {
  const sessions = await server.sessions(login);
  if (sessions > 0) {
    throw new PersonError(`The login to be closed still has ${sessions} ${sessions === 1 ? "session" : "sessions"}.`, {
      why: "A consumer still runs with the version that is to go: it would lose its connection.",
      fix: "Wait until the old release has drained, or find out in pg_stat_activity who it is; then run this again.",
    });
  }
}

const next = ({ done }: Rotation, steps: readonly Step[]): Step | undefined => steps.find(({ name }) => !done.some(({ step }) => step === name));

const hasVersion = ({ root, environment }: Target, id: string, version: number): boolean => readSealed(root, environment.name)[id]?.versions.some((known) => known.version === version) === true;

async function valueOf({ root, environment }: Target, id: string, version: number, { identities }: RotateOptions): Promise<string> {
  const known = readSealed(root, environment.name)[id]?.versions.find((each) => each.version === version);
  if (known === undefined) throw new PersonError(`"${id}" has no version ${version} any more.`, { where: sealedPath(root, environment.name), fix: "Somebody changed the file during the rotation: take the last good version from git." });
  return unseal(known.sealed, { environment: environment.name, secret: id, version, made: known.made }, identities(), sealedPath(root, environment.name));
}

function begin(root: string, environment: string, id: string, now: Date): Rotation {
  const entry = readSealed(root, environment)[id];
  if (entry === undefined) throw new PersonError(`"${id}" has no value in ${environment} yet.`, { fix: `jlam secrets set ${environment} ${id}` });
  const from = usedVersion(entry).version;
  return { secret: id, from, to: from + 1, began: now.toISOString(), done: [], state: "going-on" };
}

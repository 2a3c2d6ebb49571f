/** environments/<name>/rotations.json: how far each rotation came, so that anybody can go on with it. It holds no values. */
import { join } from "node:path";
import { z } from "zod";
import { PersonError } from "../../terminal/failure.ts";
import { readIfThere, writeAtomically } from "../private-file.ts";
import { stepNames, type StepName } from "./plan.ts";

const rotation = z.strictObject({
  secret: z.string(),
  from: z.number().int().min(1),
  to: z.number().int().min(2),
  began: z.iso.datetime(),
  done: z.array(z.strictObject({ step: z.enum(stepNames), at: z.iso.datetime() })),
  /** How it ended; absent while it goes on. `returning`: consumers are to be deployed with the old version again. */
  state: z.enum(["going-on", "returning", "finished", "taken-back"]),
});
export type Rotation = z.infer<typeof rotation>;

const schema = z.strictObject({ rotations: z.array(rotation) });

const journalPath = (root: string, environment: string): string => join(root, "environments", environment, "rotations.json");

/** All rotations, the oldest first. @throws PersonError for a journal that can't be understood */
export function readJournal(root: string, environment: string): readonly Rotation[] {
  const path = journalPath(root, environment);
  const text = readIfThere(path);
  if (text === undefined) return [];
  try {
    return schema.parse(JSON.parse(text)).rotations;
  } catch (error) {
    throw new PersonError(`The journal of rotations of ${environment} can't be read.`, { where: path, why: String(error), fix: "Take the last good version from git." });
  }
}

/** The rotation of a secret that hasn't ended. */
export const openRotation = (rotations: readonly Rotation[], secret: string): Rotation | undefined =>
  rotations.find((known) => known.secret === secret && (known.state === "going-on" || known.state === "returning"));

/** Puts a rotation in place of the one that it continues, or at the end. */
export function writeRotation(root: string, environment: string, changed: Rotation): void {
  const known = readJournal(root, environment);
  const isSame = ({ secret, to, began }: Rotation): boolean => secret === changed.secret && to === changed.to && began === changed.began;
  const rotations = known.some(isSame) ? known.map((each) => (isSame(each) ? changed : each)) : [...known, changed];
  writeAtomically(journalPath(root, environment), `${JSON.stringify({ rotations }, undefined, 2)}\n`, 0o644);
}

/** The rotation with one more step done. */
export const withStep = (known: Rotation, step: StepName, now: Date): Rotation => ({ ...known, done: [...known.done, { step, at: now.toISOString() }] });

/** Whether a rollback would find a database that its code can work with. */
import type { Release, SchemaContract, SchemaStep } from "../record/release.ts";
import { shortId } from "../record/release.ts";
import type { Refusal } from "./refusal.ts";

/**
 * Steps that a deploy of `to` applies while `from` (what a rollback would return to) must still work: those of `to`
 * that `from` doesn't know, up to the first contract step, where `--expand-only` stops.
 */
export function stepsToExpand(to: SchemaContract, from: SchemaContract | undefined): readonly SchemaStep[] {
  const fresh = unknownSteps(to, from);
  const contract = fresh.findIndex(({ phase }) => phase === "contract");
  return contract === -1 ? fresh : fresh.slice(0, contract);
}

/** Contract steps of `to` that take away what `from` still needs: `from` doesn't know them, so its code may use it. */
export const stepsHeldBack = (to: SchemaContract, from: SchemaContract | undefined): readonly SchemaStep[] => (from === undefined ? [] : unknownSteps(to, from).filter(({ phase }) => phase === "contract"));

/**
 * How the job of `to` migrates: with `--expand-only` where a contract step would take away what `from` needs. Once
 * `from` knows the step, nothing that runs or may run again needs the old shape, and the step is applied.
 */
export const migrationMode = (to: SchemaContract, from: SchemaContract | undefined): "expand-only" | "all" => (stepsHeldBack(to, from).length > 0 ? "expand-only" : "all");

const unknownSteps = (to: SchemaContract, from: SchemaContract | undefined): readonly SchemaStep[] => to.steps.filter(({ number }) => !from?.steps.some((step) => step.number === number));

/**
 * Refuses a release whose schema can't live beside that of the release before it: one that changed or lost a step that
 * is already applied, and one with an expand step after a contract step that must still wait.
 */
export function migrationsGate(to: Release, from: Release | undefined): readonly Refusal[] {
  if (from === undefined) return [];
  return Object.entries(to.schemas).flatMap(([application, schema]) => {
    const before = from.schemas[application];
    return before === undefined ? [] : [...changedSteps(application, schema, before), ...blockedSteps(application, schema, before, from)];
  });
}

function changedSteps(application: string, to: SchemaContract, from: SchemaContract): readonly Refusal[] {
  return from.steps.flatMap((applied) => {
    const now = to.steps.find(({ number }) => number === applied.number);
    if (now === undefined || (now.name === applied.name && now.phase === applied.phase)) return [];
    return [refusal("migration-changed", `step ${applied.number} of ${application}'s schema was ${applied.name} (${applied.phase}) and is ${now.name} (${now.phase}) in this release`, "Applied steps never change: give the new step the next free number.")];
  });
}

function blockedSteps(application: string, to: SchemaContract, from: SchemaContract, running: Release): readonly Refusal[] {
  const [held] = stepsHeldBack(to, from);
  const after = held && unknownSteps(to, from).find(({ number, phase }) => phase === "expand" && number > held.number);
  if (held === undefined || after === undefined) return [];
  return [refusal("migration-blocked", `step ${after.number} (${after.name}) of ${application}'s schema comes after contract step ${held.number} (${held.name}), which release ${shortId(running.id)}, to which a rollback would return, can't live with`, `Release ${held.name} alone first; the step after it belongs in the next release.`)];
}

/** Refuses a rollback to a release that doesn't know a contract step which was applied since. `applied` are numbers by application. */
export function rollbackSchemaGate(target: Release, applied: Readonly<Record<string, readonly SchemaStep[]>>): readonly Refusal[] {
  return Object.entries(applied).flatMap(([application, steps]) =>
    steps
      .filter(({ number, phase }) => phase === "contract" && target.schemas[application] !== undefined && !target.schemas[application].steps.some((step) => step.number === number))
      .map((step) => refusal("rollback-schema", `step ${step.number} (${step.name}) of ${application}'s schema took away what release ${shortId(target.id)} needs`, "Go forward: mend what is wrong in a new release.")),
  );
}

const refusal = (code: string, message: string, fix: string): Refusal => ({ gate: "migrations", code, message, fix });

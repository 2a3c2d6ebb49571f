/** Writing something new into a repository, whole or not at all, and never over what is there. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { PersonError } from "../terminal/failure.ts";
import { addDependency, addToEnvironment, linesToAdd, type Addition, type CannotEdit } from "./environment-edit.ts";
import type { NewFile } from "./service-files.ts";

export interface Generation {
  readonly files: readonly NewFile[];
  /** Files that are there already and change, with their whole new text. */
  readonly edits: readonly NewFile[];
  /** What is left to a person: per environment why, and the lines. */
  readonly byHand: readonly { readonly environment: string; readonly why: string; readonly lines: readonly string[] }[];
}

/** Works out what is written, without writing. `into` are the environments to edit; the others are left to a person. */
export function planGeneration(
  root: string,
  files: readonly NewFile[],
  addition: Addition,
  environments: { readonly into: readonly string[]; readonly others: readonly string[] },
): Generation {
  const edits: NewFile[] = [];
  const byHand: { environment: string; why: string; lines: readonly string[] }[] = [];
  for (const environment of environments.into) {
    const declaration = `environments/${environment}/environment.ts`;
    const manifest = `environments/${environment}/package.json`;
    const declared = addToEnvironment(readFileSync(join(root, declaration), "utf8"), addition);
    const depending = addDependency(readFileSync(join(root, manifest), "utf8"), addition.name);
    if (typeof declared === "string" && typeof depending === "string") {
      edits.push({ path: declaration, text: declared }, { path: manifest, text: depending });
    } else byHand.push({ environment, why: missing(declared, depending), lines: linesToAdd(addition) });
  }
  for (const environment of environments.others) byHand.push({ environment, why: "not asked for", lines: linesToAdd(addition) });
  return { files, edits, byHand };
}

/**
 * Writes what was planned.
 * @throws PersonError, before anything is written, where one of the new files is there already
 */
export function writeGeneration(root: string, { files, edits }: Generation): void {
  for (const { path } of files) {
    if (existsSync(join(root, path))) {
      throw new PersonError(`${path} is there already.`, { why: "Nothing was written.", fix: "Choose another name, or move the file away." });
    }
  }
  for (const { path, text } of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, { flag: "wx" });
  }
  for (const { path, text } of edits) writeFileSync(join(root, path), text);
}

function missing(...results: readonly (string | CannotEdit)[]): string {
  return results.flatMap((result) => (typeof result === "string" ? [] : [`it has not got ${result.missing}`])).join(" and ");
}

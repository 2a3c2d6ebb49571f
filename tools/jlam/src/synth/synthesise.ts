/** From resolved environments to their generated folders. Imports nothing slow: this is what `synth` waits for. */
import { emitFiles, type ResolvedEnvironment } from "@jlam/compose-dsl";
import { compareGenerated, writeGenerated, type GeneratedChanges } from "./generated-directory.ts";
import { generatedDirectory } from "./platform.ts";

export interface SynthResult extends GeneratedChanges {
  readonly environment: string;
  /** Whether the folder now holds what the declarations say. */
  readonly upToDate: boolean;
  readonly written: boolean;
}

export interface SynthOptions {
  readonly root: string;
  /** Compare only. */
  readonly check: boolean;
  /** Write over files that were edited by hand. */
  readonly overwrite: boolean;
  /** Folder of the files; the environment's own by default. */
  readonly directory?: string;
}

/** Emits one environment and brings its folder up to date, unless files in it were edited by hand. */
export function synthesise(environment: ResolvedEnvironment, { root, check, overwrite, directory = generatedDirectory(environment.name, root) }: SynthOptions): SynthResult {
  const files = emitFiles(environment);
  const changes = compareGenerated(directory, files);
  const upToDate = changes.changed.length === 0 && changes.removed.length === 0;
  const write = !check && !upToDate && (overwrite || changes.editedByHand.length === 0);
  if (write) writeGenerated(directory, files, changes);
  return { environment: environment.name, ...changes, upToDate: upToDate || write, written: write };
}

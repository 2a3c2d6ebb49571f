/** The secrets of an environment that this machine boots by hand: settled, kept, and written for each consumer. */
import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { ResolvedEnvironment } from "@jlam/compose-dsl";
import { readIfThere } from "./private-file.ts";
import { writeSecretFiles, type SecretFiles } from "./files.ts";
import { settleSecrets, type SettledSecrets, type SettleInputs } from "./settle.ts";
import { readStore, writeStore } from "./store.ts";

/** Where an environment's secrets are on this machine. Git ignores all of it. */
export const secretPaths = (root: string, environment: string) => {
  const folder = join(root, "environments", environment);
  return {
    /** Files as containers see them. */
    files: join(folder, ".secrets"),
    /** What this machine keeps about the environment. */
    state: join(folder, ".state"),
    store: join(folder, ".state", "secrets.json"),
    /** A person's values for `provided` secrets: one file each, named after the secret's id. */
    given: join(folder, ".state", "given"),
  };
};

export interface ProvidedSecrets {
  readonly made: readonly string[];
  readonly placeholders: SettledSecrets["placeholders"];
  /** Files that changed, as `service/FILE`. */
  readonly written: readonly string[];
  readonly removed: readonly string[];
  /** Every value, to be struck out of what is printed. */
  readonly values: readonly string[];
}

/** Settles and writes all secrets of the environment; a second call changes nothing. */
export function provideSecrets(environment: ResolvedEnvironment, root: string, issued: SettleInputs["issued"]): ProvidedSecrets {
  const paths = secretPaths(root, environment.name);
  const store = readStore(paths.store);
  const settled = settleSecrets(environment.secrets, { store, given: readGiven(paths.given), issued, random: randomBytes, now: new Date() });
  // The store first: a file without its value in the store would get another one next time.
  if (settled.made.length > 0) writeStore(paths.store, settled.store);
  const { written, removed } = writeSecretFiles(paths.files, filesOf(environment, settled.values));
  return { made: settled.made, placeholders: settled.placeholders, written, removed, values: [...settled.values.values()] };
}

/** Every value that the store and the files of an environment know, without changing anything. */
export function knownValues(root: string, environment: string): readonly string[] {
  const paths = secretPaths(root, environment);
  const files = filesBelow(paths.files).map((path) => readIfThere(path) ?? "");
  return [...Object.values(readStore(paths.store).values).map(({ value }) => value), ...files];
}

/** The file of each consumer, by service and name, from the values by id. */
export function filesOf(environment: ResolvedEnvironment, values: ReadonlyMap<string, string>): SecretFiles {
  const files = new Map<string, Map<string, string>>();
  for (const { id, consumers } of environment.secrets.values()) {
    for (const { service, file } of consumers) {
      const own = files.get(service) ?? new Map<string, string>();
      files.set(service, own);
      own.set(file, values.get(id) ?? "");
    }
  }
  return files;
}

function readGiven(folder: string): ReadonlyMap<string, string> {
  return new Map(filesBelow(folder).map((path) => [path.slice(folder.length + 1), (readIfThere(path) ?? "").trimEnd()]));
}

function filesBelow(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

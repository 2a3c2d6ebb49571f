/** The encrypted secrets of the repository that a set brought back, opened with the kit's age identity. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ResolvedEnvironment } from "@jlam/compose-dsl";
import { writeSecretFiles } from "../secrets/files.ts";
import { secretFilesOf } from "../secrets/materialise.ts";
import { secretPaths } from "../secrets/provide.ts";
import { readSealed, sealedPath } from "../secrets/sealed/file.ts";
import { PersonError } from "../terminal/failure.ts";

export interface SealedSecretsToPlace {
  /** Folder that the repository was put into. */
  readonly directory: string;
  readonly environment: string;
  /** `AGE-SECRET-KEY-…` of the kit; undefined where it holds none. */
  readonly identity: string | undefined;
  /** The environment's declaration, which says who is given which secret. */
  readonly declared: () => Promise<ResolvedEnvironment>;
}

/**
 * Writes the secret files of every service from the encrypted values, in the place of those that the machine had. Returns
 * how many values were opened: 0 for an environment that keeps its secrets on its machine alone, and then nothing is written.
 * @throws PersonError where there are encrypted values and no identity, or one that isn't a recipient's
 */
export async function placeSealedSecrets({ directory, environment, identity, declared }: SealedSecretsToPlace): Promise<number> {
  const sealed = Object.keys(readSealed(directory, environment));
  if (sealed.length === 0) return 0;
  if (identity === undefined) {
    throw new PersonError("The kit holds no age identity, and the set's secrets are encrypted for one.", {
      where: sealedPath(directory, environment),
      fix: "Add `ageIdentity: AGE-SECRET-KEY-…` of the recipient \"recovery\" to the kit; `jlam backup kit --age-identity FILE` prints it into the next one.",
    });
  }
  const desk = await mkdtemp(join(tmpdir(), "jlam-identity-"));
  try {
    const path = join(desk, "identity");
    await writeFile(path, `${identity}\n`, { mode: 0o600 });
    writeSecretFiles(secretPaths(directory, environment).files, await secretFilesOf(await declared(), { root: directory, identity: path }));
    return sealed.length;
  } finally {
    await rm(desk, { recursive: true, force: true });
  }
}

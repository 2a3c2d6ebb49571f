import { readFile } from "node:fs/promises";

import { SettingsError } from "./environment.ts";

const reasonOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown reason";

/**
 * Reads a secret from the file that the setting `variable` names, without the line break editors add at the end.
 * Called again for each new connection, so that a rotated secret needs no restart.
 *
 * @throws SettingsError when the file can't be read or is empty; the message never holds the secret.
 */
export async function readSecretFile(variable: string, path: string): Promise<string> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw new SettingsError(
      `✖ ${variable}: the file ${path} can't be read (${reasonOf(error)}).\n` +
        `  Fix: mount the secret there, readable by the user this program runs as (uid ${process.getuid?.() ?? "?"}).`,
    );
  });
  const secret = text.replace(/\r?\n$/, "");
  if (secret === "") {
    throw new SettingsError(`✖ ${variable}: the file ${path} is empty.\n  Fix: write the secret into it.`);
  }
  return secret;
}

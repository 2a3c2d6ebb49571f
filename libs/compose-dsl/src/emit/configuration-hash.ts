import { createHash } from "node:crypto";
import type { ResolvedMount } from "../resolve/resolved.ts";
import { fileText } from "./file-text.ts";

/**
 * Changes when a configuration file changes that the program reads only at its start; Compose then starts it anew.
 * Directories are watched by the program, so they don't count. Undefined without such files.
 */
export function configurationHash(mounts: readonly ResolvedMount[]): string | undefined {
  const files = mounts.filter((mount) => mount.kind === "config-file");
  if (files.length === 0) return undefined;
  const hash = createHash("sha256");
  for (const { path, file } of files) hash.update(`${path}\0${fileText(file.content)}\0`);
  return hash.digest("hex").slice(0, 16);
}

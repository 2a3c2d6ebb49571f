/** An environment's secrets as everybody may know them. */
import type { ResolvedEnvironment } from "@jlam/compose-dsl";
import { readSealed, usedVersion } from "./sealed/file.ts";
import { wantedSecrets } from "./wanted.ts";

export interface ListedSecret {
  readonly id: string;
  readonly kind: "generated" | "provided";
  readonly description: string | undefined;
  /** Versions that live; empty where it has no value, or its value is kept elsewhere. */
  readonly versions: readonly number[];
  /** The one that consumers are given. */
  readonly use: number | undefined;
  /** Whole days since the version in use was made. */
  readonly ageDays: number | undefined;
  readonly maxAgeDays: number;
  readonly consumers: readonly string[];
}

export function listSecrets(environment: ResolvedEnvironment, root: string, now: Date): readonly ListedSecret[] {
  const sealed = environment.node.secrets.kind === "sealed" ? readSealed(root, environment.name) : {};
  return [...wantedSecrets(environment).values()]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, kind, description, maxAgeDays, consumers }) => {
      const entry = sealed[id];
      const age = entry && Math.floor((now.getTime() - Date.parse(usedVersion(entry).made)) / (24 * 60 * 60 * 1000));
      return { id, kind, description, versions: entry?.versions.map(({ version }) => version) ?? [], use: entry?.use, ageDays: age, maxAgeDays, consumers };
    });
}

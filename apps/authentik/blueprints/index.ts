/** Every blueprint of an environment, as the files of the worker's directory. */
import { deferred, type ConfigFile } from "@jlam/compose-dsl";
import type { Release } from "./entry.ts";
import { alertsBlueprint } from "./alerts.ts";
import { applicationsBlueprint } from "./applications.ts";
import { authenticationBlueprint } from "./authentication.ts";
import { brandBlueprint } from "./brand.ts";
import { groupsBlueprint } from "./groups.ts";
import { selfServiceBlueprint } from "./self-service.ts";
import type { SignIns } from "./sign-ins.ts";
import { blueprintText } from "./text.ts";

/**
 * Where the worker finds them. Authentik takes every `*.yaml` below /blueprints, and a directory of one's own beside
 * its own hides none of those.
 */
export const blueprintDirectory = "/blueprints/jlam";

export interface BlueprintOptions {
  readonly signIns: SignIns;
  /** Host on which people sign in. */
  readonly host: string;
  /** Names of applications that are no more. */
  readonly retired: readonly string[];
  readonly release: Release;
  /** The exact version, such as `2026.8.6`. */
  readonly version: string;
}

/** The files by name, in an order that a reader likes; each says itself which others it needs. */
export function blueprintFiles(options: BlueprintOptions): Readonly<Record<`${string}.yaml`, ConfigFile>> {
  const { signIns, host, retired, release, version } = options;
  const file = (blueprint: () => Parameters<typeof blueprintText>[0]): ConfigFile => deferred(options, () => blueprintText(blueprint(), release, version));
  return {
    "groups.yaml": file(() => groupsBlueprint),
    "self-service.yaml": file(() => selfServiceBlueprint),
    "authentication.yaml": file(() => authenticationBlueprint),
    "brand.yaml": file(() => brandBlueprint(host)),
    "applications.yaml": file(() => applicationsBlueprint(signIns, retired)),
    "alerts.yaml": file(() => alertsBlueprint),
  };
}

/** Every blueprint of an environment, as the files of the worker's directory. */
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
export function blueprintFiles({ signIns, host, retired, release, version }: BlueprintOptions): Readonly<Record<`${string}.yaml`, string>> {
  const text = (blueprint: Parameters<typeof blueprintText>[0]): string => blueprintText(blueprint, release, version);
  return {
    "groups.yaml": text(groupsBlueprint),
    "self-service.yaml": text(selfServiceBlueprint),
    "authentication.yaml": text(authenticationBlueprint),
    "brand.yaml": text(brandBlueprint(host)),
    "applications.yaml": text(applicationsBlueprint(signIns, retired)),
    "alerts.yaml": text(alertsBlueprint),
  };
}

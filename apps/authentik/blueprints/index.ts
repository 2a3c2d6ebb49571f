/** Every blueprint of an environment, as files. */
import { deferred, type ConfigFile } from "@jlam/compose-dsl";
import type { Release } from "./entry.ts";
import { accountsBlueprint } from "./accounts.ts";
import { alertsBlueprint } from "./alerts.ts";
import { applicationsBlueprint } from "./applications.ts";
import { authenticationBlueprint } from "./authentication.ts";
import { brandBlueprint } from "./brand.ts";
import { groupsBlueprint } from "./groups.ts";
import { selfServiceBlueprint } from "./self-service.ts";
import type { SignIns } from "./sign-ins.ts";
import { blueprintText } from "./text.ts";

/** Below Authentik's own directory of blueprints, which its command takes paths from; beside its own, so that none is hidden. */
export const blueprintFolder = "jlam";

export interface BlueprintOptions {
  readonly signIns: SignIns;
  /** Names of applications that are no more. */
  readonly retired: readonly string[];
  readonly release: Release;
}

/** The files by name, in the order in which they need one another. */
export function blueprintFiles(options: BlueprintOptions): Readonly<Record<`${string}.yaml`, ConfigFile>> {
  const { signIns, retired, release } = options;
  const file = (blueprint: () => Parameters<typeof blueprintText>[0]): ConfigFile => deferred(options, () => blueprintText(blueprint(), release));
  return {
    "groups.yaml": file(() => groupsBlueprint),
    "self-service.yaml": file(() => selfServiceBlueprint),
    "authentication.yaml": file(() => authenticationBlueprint),
    "brand.yaml": file(() => brandBlueprint(signIns)),
    "applications.yaml": file(() => applicationsBlueprint(signIns, retired)),
    "accounts.yaml": file(() => accountsBlueprint(signIns, retired)),
    "alerts.yaml": file(() => alertsBlueprint),
  };
}

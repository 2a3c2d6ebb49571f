/** Looks at an environment once. */
import { duration, publicUrl, resourceId, type BackupDecision, type Surroundings } from "@jlam/compose-dsl";
import { dependenciesOf } from "./dependencies.ts";
import { frontDoor, isLoopback, probesOf } from "./probes.ts";
import { targetsOf } from "./targets.ts";
import type { BackedUp, Part, Promised, Watched } from "./watched.ts";

export type { Watched } from "./watched.ts";

/** Host of Grafana, below the environment's domain. */
export const grafanaHost = "monitor";

/** Name of the service of issue 6, whose metrics tell of backups. */
const backupService = "backup";

/** The environment as monitoring sees it. Pure: the same surroundings give the same data in the same order. */
export function watch(around: Surroundings): Watched {
  const ofKind = (kind: string): readonly string[] => around.resources.filter((resource) => resource.kind === kind).map(resourceId);
  return {
    environment: around.environment,
    domain: around.domain,
    grafana: publicUrl(around, grafanaHost),
    parts: partsOf(around),
    targets: targetsOf(around),
    probes: probesOf(around),
    maybeAbsent: isLoopback(around.publishing.address) ? around.services.filter(({ image }) => image.kind === "registry" && image.registryOnly).map(({ name }) => name) : [],
    databases: ofKind("postgres"),
    caches: ofKind("redis"),
    promised: promisedBy(around),
    dependencies: dependenciesOf(around),
    backedUp: backedUpIn(around),
    tellsOfBackups: around.services.some(({ name, metrics }) => name === backupService && metrics !== undefined),
  };
}

function partsOf({ services, routes, providers }: Surroundings): readonly Part[] {
  const routed = new Set(routes.map(({ to }) => to.service));
  return [
    ...services.map(({ name, owner, kind, resources, at }): Part => ({ name, owner, kind, routed: routed.has(name), memoryLimit: resources.memory.bytes, at })),
    ...providers
      .filter(({ how }) => how === "managed")
      .map(({ provides }): Part => ({ name: resourceId(provides), owner: provides.owner, kind: "outside", routed: false, memoryLimit: undefined, at: provides.at })),
  ];
}

function promisedBy(around: Surroundings): readonly Promised[] {
  const door = frontDoor(around)?.service;
  return around.services.flatMap(({ name, objectives }): readonly Promised[] => {
    if (!objectives) return [];
    const p95 = objectives.latency?.p95;
    return [
      {
        service: name,
        availability: objectives.availability,
        p95Seconds: p95 === undefined ? undefined : duration(p95).ms / 1000,
        counted: name === door ? "entrypoint" : "service",
      },
    ];
  });
}

/** Resources and volumes that say `backedUp(…)`, each once. */
function backedUpIn({ resources, services }: Surroundings): readonly BackedUp[] {
  const found = new Map<string, BackedUp>();
  const add = (resource: string, decision: BackupDecision): void => {
    if (decision.kind !== "backed-up") return;
    found.set(resource, { resource, loseAtMostSeconds: decision.loseAtMost.ms / 1000, recoverWithinSeconds: decision.recoverWithin.ms / 1000 });
  };
  for (const resource of resources) add(resourceId(resource), resource.backup);
  for (const { mounts } of services) for (const mount of Object.values(mounts)) if (mount.kind === "volume") add(mount.name, mount.backup);
  return [...found.values()];
}

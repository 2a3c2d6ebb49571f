/** What a recovery set of an environment consists of, derived from what its resources and services declare. */
import { resourceId, type BackupDecision, type DataClass, type Duration, type Origin, type Resource, type Surroundings, type Volume } from "@jlam/compose-dsl";

/** What was promised for data that is part of every set. */
export interface RecoveryPromise {
  readonly loseAtMost: Duration;
  readonly recoverWithin: Duration;
}

interface Kept {
  /** Stable name in the set: `postgres-app`, `volume-traefik-acme`. */
  readonly id: string;
  readonly holds: DataClass;
  readonly at: Origin;
}

/** One thing that an environment keeps, and what becomes of it. */
export type PlanEntry =
  /** `streamed`: its changes are kept too, so that it comes back as it was at any instant. */
  | (Kept & { readonly kind: "database"; readonly resource: Resource<"postgres">; readonly promise: RecoveryPromise; readonly streamed: boolean })
  | (Kept & { readonly kind: "volume"; readonly volume: Volume; readonly promise: RecoveryPromise })
  /** Promised, by a kind of resource that the engine can't read: a finding of the check. */
  | (Kept & { readonly kind: "unreadable"; readonly what: Resource["kind"]; readonly promise: RecoveryPromise })
  | (Kept & { readonly kind: "covered"; readonly by: string })
  | (Kept & { readonly kind: "none"; readonly reason: string })
  /** The git bundle of the revision that runs, and what it brings. */
  | (Kept & { readonly kind: "repository"; readonly brings: readonly string[] })
  /** What the machine has beside the repository. */
  | (Kept & { readonly kind: "machine"; readonly brings: readonly string[] })
  /** The bucket of the second region, which every set is copied to. */
  | (Kept & { readonly kind: "copies" });

export interface BackupPlan {
  readonly environment: string;
  /** In the order of their ids. */
  readonly entries: readonly PlanEntry[];
}

/** The part of an environment that a plan is derived from; a stack's surroundings have it. */
export type PlanSource = Pick<Surroundings, "environment" | "services" | "resources" | "providers" | "certificates">;

/**
 * The plan of an environment. Everything that declares a backup decision is in it, with no list anywhere else: a new
 * volume or database appears by being declared.
 *
 * @param at where the plan is asked for; the repository's entry names it as its origin
 * @param copies where the second region's copies go
 */
export function backupPlan({ environment, services, resources, providers, certificates }: PlanSource, at: Origin, copies?: Resource<"objectStore">): BackupPlan {
  const decisions = new Map(resources.map((resource) => [resourceId(resource), resource.backup]));
  const streams = new Map(providers.flatMap(({ provides, loseAtMost }) => (loseAtMost === undefined ? [] : [[resourceId(provides), loseAtMost] as const])));
  const volumes = new Map<string, Volume>();
  for (const { mounts } of services) {
    for (const mount of Object.values(mounts)) if (mount.kind === "volume") volumes.set(mount.name, mount);
  }
  const entries = [
    ...resources.map((resource) => (resource === copies ? copiesEntry(resource) : resourceEntry(resource, decisions, streams.get(resourceId(resource))))),
    ...[...volumes.values()].map((volume) => volumeEntry(volume, decisions)),
    ...(certificates.kind === "local-authority" ? [localCertificates(at)] : []),
    repository(at),
    machine(at),
  ];
  return { environment, entries: entries.sort((a, b) => (a.id < b.id ? -1 : 1)) };
}

function resourceEntry(resource: Resource, decisions: ReadonlyMap<string, BackupDecision>, streamed: Duration | undefined): PlanEntry {
  const kept: Kept = { id: resourceId(resource), holds: resource.holds, at: resource.at };
  const { backup } = resource;
  if (backup.kind !== "backed-up") return unsaved(kept, backup, decisions);
  const promise = { loseAtMost: streamed ?? backup.loseAtMost, recoverWithin: backup.recoverWithin };
  if (isPostgres(resource)) return { ...kept, kind: "database", resource, promise, streamed: streamed !== undefined };
  return { ...kept, kind: "unreadable", what: resource.kind, promise };
}

const copiesEntry = (resource: Resource): PlanEntry => ({ id: resourceId(resource), holds: resource.holds, at: resource.at, kind: "copies" });

const isPostgres = (resource: Resource): resource is Resource<"postgres"> => resource.kind === "postgres";

function volumeEntry(volume: Volume, decisions: ReadonlyMap<string, BackupDecision>): PlanEntry {
  const kept: Kept = { id: `volume-${volume.name}`, holds: volume.holds, at: volume.at };
  if (volume.backup.kind !== "backed-up") return unsaved(kept, volume.backup, decisions);
  const { loseAtMost, recoverWithin } = volume.backup;
  return { ...kept, kind: "volume", volume, promise: { loseAtMost, recoverWithin } };
}

/** Data that goes into no set by itself; what is saved through something that isn't saved says so, with its reason. */
function unsaved(kept: Kept, backup: Exclude<BackupDecision, { kind: "backed-up" }>, decisions: ReadonlyMap<string, BackupDecision>): PlanEntry {
  if (backup.kind === "none") return { ...kept, kind: "none", reason: backup.reason };
  const through = decisions.get(backup.resource);
  return through?.kind === "none"
    ? { ...kept, kind: "none", reason: `as ${backup.resource}: ${through.reason}` }
    : { ...kept, kind: "covered", by: backup.resource };
}

const localCertificates = (at: Origin): PlanEntry => ({
  id: "certificates",
  holds: "keys",
  at,
  kind: "none",
  reason: "the authority of this machine issues them anew; no other machine trusts it",
});

const repository = (at: Origin): PlanEntry => ({
  id: "repository",
  holds: "no-personal-data",
  at,
  kind: "repository",
  brings: ["sources", "generated configuration", "image lock"],
});

const machine = (at: Origin): PlanEntry => ({
  id: "machine",
  holds: "keys",
  at,
  kind: "machine",
  brings: ["secrets", "names of the images that run"],
});

import { resourceId } from "../../model/resource.ts";
import type { BackupDecision, DataClass } from "../../model/data.ts";
import type { Origin } from "../../model/origin.ts";
import type { Volume } from "../../model/storage.ts";
import type { ResolvedEnvironment, ResolvedService } from "../../resolve/resolved.ts";
import { place, suggestion, type Rule } from "../rule.ts";

/** What is kept, as it may look when the compiler was not asked. */
export interface Kept {
  readonly what: string;
  readonly name: string;
  readonly at: Origin;
  readonly holds: DataClass | undefined;
  readonly backup: BackupDecision | undefined;
}

export const kept = ({ volumes, providers }: ResolvedEnvironment): readonly Kept[] => [
  ...[...volumes.values()].map(({ name, at, holds, backup }) => ({ what: "the volume", name, at, holds, backup })),
  ...[...providers.values()].map(({ provides: { kind, name, at, holds, backup } }) => ({ what: `the ${kind}`, name, at, holds, backup })),
];

export const dataDecision: Rule = {
  name: "data-decision",
  severity: "error",
  why: "nobody may keep data that nobody classified, and what survives a lost disk is decided before, not after",
  *check(environment) {
    for (const { what, name, at, holds, backup } of kept(environment)) {
      if (holds === undefined) {
        yield { subject: name, message: `${what} "${name}" doesn't say what data it holds`, fix: 'declare `holds`, such as "medical-data" or "no-personal-data"', at };
      }
      if (backup === undefined) {
        yield { subject: name, message: `${what} "${name}" has no backup decision`, fix: 'declare `backup`: backedUp({…}), coveredBy(resource) or notBackedUp("why")', at };
      }
    }
  },
};

export const coveredByMissing: Rule = {
  name: "covered-by",
  severity: "error",
  why: "the plan would count on a dump that nobody makes",
  *check(environment) {
    const resources = new Map([...environment.providers.values()].map(({ provides }) => [resourceId(provides), provides]));
    for (const { what, name, at, backup } of kept(environment)) {
      if (backup?.kind !== "covered-by" || resources.has(backup.resource)) continue;
      yield {
        subject: name,
        message: `${what} "${name}" is saved through the resource "${backup.resource}", which nothing provides here${suggestion(backup.resource, resources.keys())}`,
        fix: "name the resource whose files these are, or decide otherwise: backedUp({…}) or notBackedUp(\"why\")",
        at,
      };
    }
  },
};

interface VolumeUse {
  readonly volume: Volume;
  readonly service: ResolvedService;
}

function* volumeUses({ services }: ResolvedEnvironment): Iterable<VolumeUse> {
  for (const service of services.values()) {
    for (const mount of service.mounts) if (mount.kind === "volume") yield { volume: mount.volume, service };
  }
}

export const volumeClash: Rule = {
  name: "volume-clash",
  severity: "error",
  why: "they would be one volume, with one class and one backup decision: that of whichever comes last",
  *check(environment) {
    const known = new Map<string, VolumeUse>();
    for (const use of volumeUses(environment)) {
      const { volume, service } = use;
      const other = known.get(volume.name);
      if (other === undefined) known.set(volume.name, use);
      else if (!sameDeclaration(other.volume, volume)) {
        yield {
          subject: `${service.name} ${volume.name}`,
          message: `two volumes are called "${volume.name}"; the other is at ${place(other.volume.at)}`,
          fix: "mount one value in both services, or rename one",
          at: volume.at,
        };
      }
    }
  },
};

/** A stack that looks around declares its volumes anew each time; the place and the content stay. */
const sameDeclaration = (a: Volume, b: Volume): boolean =>
  a === b || (a.at.file === b.at.file && a.at.line === b.at.line && a.holds === b.holds && JSON.stringify(a.backup) === JSON.stringify(b.backup));

export const sharedVolume: Rule = {
  name: "shared-volume",
  severity: "warning",
  why: "both may write, neither knows of the other, and a stack can no longer be moved or restored alone",
  *check(environment) {
    const first = new Map<string, ResolvedService>();
    for (const { volume, service } of volumeUses(environment)) {
      if (volume.readOnly) continue;
      const other = first.get(volume.name);
      if (other === undefined) first.set(volume.name, service);
      else if (other.stack !== service.stack) {
        yield {
          subject: `${service.name} ${volume.name}`,
          message: `the volume "${volume.name}" is mounted in the stacks "${other.stack}" (${other.name}) and "${service.stack}" (${service.name})`,
          fix: "let one service own the data and the other ask it, or put both into one stack",
          at: service.node.at,
        };
      }
    }
  },
};

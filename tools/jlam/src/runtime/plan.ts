/** What an `up` has to do for each service, from what runs and what should. Pure. */
import type { ResolvedService } from "@jlam/compose-dsl";
import type { ContainerState } from "./containers.ts";

export type Action = "create" | "recreate" | "start" | "run-again" | "keep";

export interface PlannedService {
  readonly service: string;
  readonly action: Action;
  /** Why, in words; empty for `keep`. */
  readonly because: string;
  /** Compose itself wouldn't see the reason, so it is told to recreate. */
  readonly forced: boolean;
}

export interface PlanInputs {
  readonly services: readonly ResolvedService[];
  readonly containers: readonly ContainerState[];
  /** Compose's hash of each service's configuration as it is now. */
  readonly hashes: ReadonlyMap<string, string>;
  /** Content behind the image's name now, by service. */
  readonly imageIds: ReadonlyMap<string, string | undefined>;
  /** When each service's newest secret file was written, in milliseconds. */
  readonly secretTimes: ReadonlyMap<string, number | undefined>;
  /** Services that a person wants anew. */
  readonly recreate: readonly string[];
}

/** Decides for every service, in their order. */
export function planServices(inputs: PlanInputs): readonly PlannedService[] {
  const byService = new Map(inputs.containers.map((container) => [container.service, container]));
  const first = inputs.services.map((service) => planService(service, byService.get(service.name), inputs));
  const byName = new Map(first.map((planned) => [planned.service, planned]));
  // What a finished job did may have gone with the container it was done to: a new database has no tables.
  return inputs.services.map((service, index): PlannedService => {
    const planned = first[index] ?? planService(service, byService.get(service.name), inputs);
    const renewed = service.dependsOn.map(({ service: other }) => byName.get(other)).find((other) => other?.action === "create" || other?.action === "recreate");
    if (service.node.kind !== "job" || planned.action !== "keep" || renewed === undefined) return planned;
    // Together with what it waits for, or it would be done to the old one.
    return { ...planned, action: "run-again", because: `${renewed.service} is new`, forced: renewed.forced };
  });
}

function planService(service: ResolvedService, container: ContainerState | undefined, inputs: PlanInputs): PlannedService {
  const { name } = service;
  const plan = (action: Action, because: string, forced = false): PlannedService => ({ service: name, action, because, forced });
  if (container === undefined) return plan("create", "it isn't there yet");
  if (inputs.recreate.includes(name)) return plan("recreate", "you asked for it", true);
  if (container.configurationHash !== inputs.hashes.get(name)) return plan("recreate", "its configuration changed");
  const imageId = inputs.imageIds.get(name);
  if (imageId !== undefined && imageId !== container.imageId) return plan("recreate", "its image changed");
  // A container keeps the file that it was started with, even after another one has its name.
  const secretTime = inputs.secretTimes.get(name);
  if (secretTime !== undefined && secretTime > container.created) return plan("recreate", "a secret of it changed", true);
  switch (container.status) {
    case "running":
      return plan("keep", "");
    case "restarting":
      return plan("recreate", "it keeps ending", true);
    case "created":
      return plan("start", "it was made and never started");
    case "paused":
      return plan("recreate", "it is paused", true);
    case "removing":
    case "dead":
      return plan("recreate", "the engine gave it up", true);
    case "exited":
      if (service.node.kind === "job" && container.exitCode === 0) return plan("keep", "");
      return service.node.kind === "job" ? plan("run-again", `it ended with ${container.exitCode}`) : plan("start", "it was stopped");
  }
}

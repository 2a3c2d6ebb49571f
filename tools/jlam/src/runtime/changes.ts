/** What a run really changed, from the containers before and after it. Pure. */
import type { ResolvedService } from "@jlam/compose-dsl";
import type { ContainerState, ContainerStatus, Health } from "./containers.ts";

export type Change = "created" | "recreated" | "started" | "ran-again" | "unchanged";

export interface ServiceReport {
  readonly service: string;
  readonly stack: string;
  readonly oneShot: boolean;
  readonly status: ContainerStatus | "absent";
  readonly health: Health | undefined;
  readonly container: string | undefined;
  readonly image: string | undefined;
  readonly change: Change;
}

/** One report per service, in their order. */
export function changesBetween(services: readonly ResolvedService[], before: readonly ContainerState[], after: readonly ContainerState[]): readonly ServiceReport[] {
  return services.map(({ name, stack, node }) => {
    const was = before.find(({ service }) => service === name);
    const is = after.find(({ service }) => service === name);
    const oneShot = node.kind === "job";
    return { service: name, stack, oneShot, status: is?.status ?? "absent", health: is?.health, container: is?.id, image: is?.image, change: changeOf(was, is, oneShot) };
  });
}

function changeOf(was: ContainerState | undefined, is: ContainerState | undefined, oneShot: boolean): Change {
  if (is === undefined || (was?.id === is.id && was.started === is.started)) return "unchanged";
  if (was === undefined) return "created";
  if (was.id !== is.id) return "recreated";
  return oneShot ? "ran-again" : "started";
}

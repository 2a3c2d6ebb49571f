/** How far a service is while it boots: from its container's state alone. Pure. */
import type { ResolvedService } from "@jlam/compose-dsl";
import type { ContainerState } from "./containers.ts";

export type Progress =
  | { readonly kind: "waiting"; readonly text: string }
  | { readonly kind: "ready"; readonly text: string }
  | { readonly kind: "failed"; readonly text: string };

/** What is known about a boot besides the container. */
export interface BootClock {
  readonly now: number;
  /** When the boot began, in milliseconds since 1970. */
  readonly began: number;
  /** Whether everything has been told to start; before that, an old state may still change. */
  readonly allStarted: boolean;
}

/** A program without health check counts as up when it has lived this long (Docker resets its restart delay after 10 s; a wrong setting ends a program within one). */
const settledAfter = 2_000;

/** A crash may heal by itself once; the third in a row won't. */
const tooManyRestarts = 3;

/** Judges one service. `waitsFor` are the services that it still waits for. */
export function judge(service: ResolvedService, container: ContainerState | undefined, waitsFor: readonly string[], clock: BootClock): Progress {
  if (container === undefined || container.status === "created") {
    if (clock.allStarted && container?.error) return { kind: "failed", text: "could not be started" };
    return { kind: "waiting", text: waitsFor.length > 0 ? `waits for ${waitsFor.join(", ")}` : "being made" };
  }
  // What ended without having been started by this boot is about to be replaced or started.
  const ofThisBoot = clock.allStarted || (container.started ?? 0) >= clock.began;
  if (service.node.kind === "job") {
    if (container.status !== "exited") return { kind: "waiting", text: "runs" };
    if (container.exitCode === 0) return { kind: "ready", text: "done" };
    return ofThisBoot ? { kind: "failed", text: `ended with ${container.exitCode}` } : { kind: "waiting", text: "runs again" };
  }
  switch (container.status) {
    case "exited":
    case "dead":
      return ofThisBoot ? { kind: "failed", text: `ended with ${container.exitCode}` } : { kind: "waiting", text: "starts" };
    case "restarting":
      return container.restarts >= tooManyRestarts
        ? { kind: "failed", text: `ended ${container.restarts} times, last with ${container.exitCode}` }
        : { kind: "waiting", text: `ended with ${container.exitCode}, starts again` };
    case "paused":
      return { kind: "failed", text: "is paused" };
    case "removing":
      return { kind: "waiting", text: "is replaced" };
    case "running":
      return judgeRunning(container, clock);
  }
}

function judgeRunning(container: ContainerState, { now, began }: BootClock): Progress {
  switch (container.health) {
    case "healthy":
      return { kind: "ready", text: "healthy" };
    case "starting":
      return container.restarts >= tooManyRestarts
        ? { kind: "failed", text: `ended ${container.restarts} times, last with ${container.exitCode}` }
        : { kind: "waiting", text: "starts" };
    case "unhealthy":
      // One that ran before may recover once what it needs is back; a new one had its start period already.
      return (container.started ?? 0) >= began || now - began > 20_000 ? { kind: "failed", text: "is unhealthy" } : { kind: "waiting", text: "is unhealthy" };
    case undefined: {
      if (container.restarts >= tooManyRestarts) return { kind: "failed", text: `ended ${container.restarts} times, last with ${container.exitCode}` };
      return now - (container.started ?? now) >= settledAfter ? { kind: "ready", text: "runs" } : { kind: "waiting", text: "starts" };
    }
  }
}

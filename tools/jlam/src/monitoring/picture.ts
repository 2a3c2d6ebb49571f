/** An environment at one moment, as Docker and Prometheus see it. Neither needs the other: what one can't tell is said. */
import { settledSurroundings } from "@jlam/compose-dsl";
import { watch } from "@jlam/monitoring/watch";
import { loadRunning } from "../runtime/bootable.ts";
import { status, type EnvironmentStatus } from "../runtime/status.ts";
import { repositoryRoot } from "../synth/platform.ts";
import { PersonError } from "../terminal/failure.ts";
import { Unanswered } from "./ask.ts";
import { reachHere } from "./reach.ts";
import { readPrometheus, type Reading } from "./reading.ts";

/** What Prometheus says, or why it says nothing. */
export type Monitoring = ({ readonly kind: "read" } & Reading) | { readonly kind: "silent"; readonly why: string };

export interface Picture extends EnvironmentStatus {
  /** In UTC (ISO 8601). */
  readonly at: string;
  readonly monitoring: Monitoring;
}

/**
 * Looks at an environment on this machine.
 * @throws PersonError for an unknown one, or where no engine answers
 */
export async function takePicture(name: string, root: string = repositoryRoot): Promise<Picture> {
  const environment = await loadRunning(name, root);
  const [seen, monitoring] = await Promise.all([
    status(name, root),
    (async (): Promise<Monitoring> => {
      try {
        return { kind: "read", ...(await readPrometheus(await reachHere(environment, "prometheus"), watch(settledSurroundings(environment.node)))) };
      } catch (error) {
        if (error instanceof Unanswered || error instanceof PersonError) return { kind: "silent", why: error.message };
        throw error;
      }
    })(),
  ]);
  return { ...seen, at: new Date().toISOString(), monitoring };
}

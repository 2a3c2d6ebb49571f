/** Reaching the monitoring programs of an environment, on this machine or on a host: none of them has a public port. */
import type { ResolvedEnvironment } from "@jlam/compose-dsl";
import { HostFailure, type Host } from "../release/host/host.ts";
import { runningContainer } from "../runtime/in-container.ts";
import { PersonError } from "../terminal/failure.ts";
import { atAddress, throughContainer, Unanswered, type Ask } from "./ask.ts";

/** As much of a host as it takes to ask a program there. */
export type Reachable = Pick<Host, "name" | "copies" | "door">;

export type MonitoringProgram = "alertmanager" | "prometheus";

/** The port that it answers on, as its declaration says. @throws PersonError where the environment has no such service */
function portOf({ name, services }: ResolvedEnvironment, program: MonitoringProgram): number {
  const port = services.get(program)?.node.ports["http"]?.number;
  if (port !== undefined) return port;
  throw new PersonError(`${name} has no ${program}.`, { where: `environments/${name}/environment.ts`, why: "Its monitoring stack is what watches it.", fix: "Add `monitoringStack(…)` to its stacks." });
}

/**
 * The program in an environment on this machine.
 * @throws PersonError where it isn't declared, or doesn't run
 */
export const reachHere = async (environment: ResolvedEnvironment, program: MonitoringProgram): Promise<Ask> =>
  throughContainer((await runningContainer(environment.name, program)).id, portOf(environment, program));

/**
 * Works with the program on a released environment's host, through the connection to it.
 * @throws Unanswered where it doesn't run there; HostFailure where the host is out of reach
 */
export async function withProgramOn<T>(host: Reachable, environment: ResolvedEnvironment, program: MonitoringProgram, work: (ask: Ask) => Promise<T>): Promise<T> {
  const copy = (await host.copies()).find(({ name, status }) => name === program && status === "running");
  const address = Object.values(copy?.addresses ?? {})[0];
  if (address === undefined) throw new Unanswered(`${program} does not run on ${host.name}`);
  const door = await host.door(address, portOf(environment, program));
  try {
    return await work(atAddress(door.host, door.port));
  } finally {
    await door.close();
  }
}

/** Says to a person that a program doesn't answer; anything else is returned as it is. */
export function unansweredInWords(error: unknown, environment: string, program: MonitoringProgram): unknown {
  if (!(error instanceof Unanswered || error instanceof HostFailure)) return error;
  return new PersonError(`${program === "alertmanager" ? "Alertmanager" : "Prometheus"} of ${environment} does not answer.`, {
    why: error.message,
    fix: `\`jlam status ${environment}\` shows whether it runs, \`jlam logs ${environment} ${program}\` what it says.`,
    cause: error,
  });
}

/** Brings the data of a set back into an environment and opens it to visitors last: the same steps for a restore and a drill. */
import type { Manifest } from "@jlam/backup/manifest";
import type { PlanFile } from "@jlam/backup/plan-file";
import { colouredName, colours } from "@jlam/compose-dsl";
import { execa, ExecaError } from "execa";
import { z } from "zod";
import { compose, composeCommand, type Project } from "../runtime/project.ts";
import { PersonError } from "../terminal/failure.ts";
import { restoreDatabase } from "./database.ts";
import { recoverySteps } from "./recovery-steps.ts";
import { wordsOf, type SetReader } from "./reader.ts";
import type { Served } from "./served.ts";
import { edge, startOrder } from "./start-order.ts";
import type { Steps } from "./timed-steps.ts";
import { visitAll, type Visited } from "./visits.ts";
import { restoreVolume } from "./volume.ts";

export interface Recovery {
  readonly project: Project;
  /** The release that serves, where one was brought to this machine; what runs is its. */
  readonly served: Served | undefined;
  /** The plan of the environment that is restored into. */
  readonly plan: PlanFile;
  readonly manifest: Manifest;
  readonly reader: SetReader;
  /** Ids of the plan to restore; everything of the set that the environment has, when empty. */
  readonly only: readonly string[];
  /** PEM of the authority that signed the environment's certificate; undefined for one that the world knows. */
  readonly authority: string | undefined;
  readonly steps: Steps;
}

/** What comes back, and from where. */
export interface Source {
  /** `bring` puts one in its place and says what came of it; whatever fails, the former one is in its place. */
  readonly databases: readonly { readonly id: string; readonly bring: () => Promise<string> }[];
  readonly volumes: readonly { readonly id: string; readonly bring: () => Promise<void> }[];
  /** Everybody who was erased from a database, a line each. */
  readonly erasures: (database: string) => Promise<string>;
}

export interface BroughtBack {
  readonly erasedAgain: number;
  readonly visited: readonly Visited[];
}

/** What of a set is restored into an environment: all that its plan and the set both have, or what is named of it. Pure. */
export function chosen(plan: PlanFile, manifest: Pick<Manifest, "databases" | "objects">, only: readonly string[]) {
  const wanted = (id: string): boolean => only.length === 0 || only.includes(id);
  const databases = manifest.databases.filter(({ id }) => wanted(id) && plan.databases.some((planned) => planned.id === id));
  return {
    databases,
    volumes: plan.volumes.filter(({ id }) => wanted(id) && manifest.objects.some(({ of }) => of === id)),
    applications: plan.applications.filter(({ database }) => databases.some(({ id }) => id === database)),
  };
}

/**
 * Stops everything but databases and the engine, restores, erases again who was erased, starts the rest, and lets
 * visitors in at the very end.
 * @throws PersonError naming what failed; visitors are then not let in, unless nothing was changed yet
 */
export const bringBack = (recovery: Recovery): Promise<BroughtBack> => bringBackFrom(recovery, sourceOfSet(recovery));

function sourceOfSet({ project, plan, manifest, reader, only }: Recovery): Source {
  const { databases, volumes } = chosen(plan, manifest, only);
  const image = project.variables["JLAM_IMAGE_BACKUP"] ?? "jlam/backup:local";
  return {
    databases: databases.map((saved) => ({
      id: saved.id,
      bring: async () => {
        await restoreDatabase({ project, reader, manifest, saved });
        return `${saved.content.tables.length} tables, rows and hashes equal to the set's`;
      },
    })),
    volumes: volumes.map((saved) => ({ id: saved.id, bring: () => restoreVolume({ project, reader, manifest, saved, image }) })),
    erasures: (database) => reader.erasures(database),
  };
}

/** The same from any source. */
export async function bringBackFrom({ project, served, plan, authority, steps }: Pick<Recovery, "project" | "served" | "plan" | "authority" | "steps">, { databases, volumes, erasures }: Source): Promise<BroughtBack> {
  const applications = plan.applications.filter(({ database }) => databases.some(({ id }) => id === database));
  const services = await servicesOf(project);
  const { basis, rest, stages, isWhole, named, commandOf } = startOrder(services, ["backup", ...plan.databases.map(({ id }) => id)], served);
  const up = ["up", "--detach", "--wait", "--no-recreate", ...(isWhole ? ["--no-deps"] : [])];
  const once = ["run", "--rm", "-T", "--no-deps"];

  const running = (await compose(project, ["ps", "--services", "--status", "running"], 60_000)).stdout.split("\n").filter((name) => name !== "");

  await steps.run(recoverySteps.closed.title, async () => {
    await must(project, ["stop", edge, ...rest], "Services can't be stopped.");
    return { value: undefined, found: `${rest.length + 1} services don't run` };
  });
  await steps.run(recoverySteps.basis.title, async () => {
    await must(project, [...up, ...basis], `${basis.join(", ")} can't be started.`);
    return { value: undefined, found: `${basis.join(", ")} are up` };
  });
  for (const [index, { id, bring }] of databases.entries()) {
    await steps
      .run(`${recoverySteps.database.title} ${id}`, async () => ({ value: undefined, found: await bring() }))
      .catch(async (error: unknown) => {
        // Nothing was changed yet, so that nobody need wait for it to be mended.
        if (index === 0) await compose(project, ["start", ...running], composeLimit);
        throw error;
      });
  }
  for (const { id, bring } of volumes) {
    await steps.run(`${recoverySteps.volume.title} ${id}`, async () => {
      await bring();
      return { value: undefined, found: "its files are back" };
    });
  }
  const lists = await Promise.all(applications.map(async (application) => ({ application, list: await erasures(application.database) })));
  let erasedAgain = 0;
  for (const { application, list } of lists) {
    const { service, command } = application.replay;
    erasedAgain += await steps.run(`${recoverySteps.erasures.title} ${application.database}`, async () => {
      // As it is: a set may be older than the tables that the programs expect.
      await must(project, [...once, service, ...commandOf(service)], `${service} can't bring the tables up to date.`);
      const said = await pass(project, [...once, service, ...command], list);
      const erased = Number(/"erased":(\d+)/.exec(said)?.[1] ?? 0);
      return { value: erased, found: `${list.split("\n").length - 1} on the list, ${erased} were back and are erased again` };
    });
  }
  await steps.run(recoverySteps.services.title, async () => {
    for (const { jobs, services: names } of stages) {
      for (const { name, command } of jobs) await must(project, [...once, name, ...command], `${name} failed.`);
      if (names.length > 0) await must(project, [...up, ...names], `${names.join(", ")} can't be started.`);
    }
    return { value: undefined, found: `${stages.flatMap((stage) => stage.services).length} are up` };
  });
  for (const { application, list } of lists) {
    const { service, command } = application.afterwards;
    await steps.run(`${recoverySteps.afterwards.title} ${application.database}`, async () => {
      await pass(project, ["exec", "-T", named(service), ...command], list);
      return { value: undefined, found: `${named(service)} did it` };
    });
  }
  await steps.run(recoverySteps.open.title, async () => {
    await must(project, [...up, edge], `${edge} can't be started.`);
    return { value: undefined, found: `${edge} is up` };
  });
  const visited = await steps.run(recoverySteps.visits.title, async () => {
    // A service whose image nobody has isn't started by `jlam up` either, and its host leads nowhere.
    const served = plan.visits.hosts.filter(({ services: behind }) => behind.some((name) => services.has(name) || colours.some((colour) => services.has(colouredName(name, colour)))));
    const left = plan.visits.hosts.filter((host) => !served.includes(host));
    const value = await visitAll({ ...plan.visits, hosts: served.map(({ host }) => host) }, authority);
    return { value, found: [...value.map(({ host, status }) => `${host} ${status}`), ...left.map(({ host, services: behind }) => `${host} left out, as ${behind.join(" and ")} is`)].join(", ") };
  });
  return { erasedAgain, visited };
}

const configSchema = z.object({ services: z.record(z.string(), z.object({ depends_on: z.record(z.string(), z.unknown()).optional() })) });

/** Every service that its profiles let run, with what it waits for. */
async function servicesOf(project: Project): Promise<ReadonlyMap<string, readonly string[]>> {
  const { stdout, failed, all } = await compose(project, ["config", "--format", "json"], 60_000);
  if (failed) throw new PersonError("Compose can't read the environment's files.", { why: all });
  return new Map(Object.entries(configSchema.parse(JSON.parse(stdout)).services).map(([name, { depends_on: dependsOn = {} }]) => [name, Object.keys(dependsOn)]));
}

/** Milliseconds in which services must stop or become healthy. */
const composeLimit = 300_000;

async function must(project: Project, args: readonly string[], what: string): Promise<void> {
  const { failed, all } = await compose(project, args, composeLimit);
  if (failed) throw new PersonError(what, { why: all.trim().slice(-2_000), fix: "Visitors are kept out. Mend it and run this again: every step may run twice." });
}

/** Gives a program of a service its input, and returns what it said. */
async function pass(project: Project, composeArgs: readonly string[], input: string): Promise<string> {
  const { program, args, env } = composeCommand(project, composeArgs);
  try {
    return (await execa(program, args, { env, input, all: true })).all;
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
    throw new PersonError("Who was erased can't be erased again.", { why: wordsOf(error), fix: "Visitors are kept out until it succeeds: mend it and run this again.", cause: error });
  }
}

/** `jlam restore --to`: what going back to an instant would lose, and the way back itself. */
import { bringBackFrom, type BroughtBack } from "../recovery/bring-back.ts";
import { engineIn, setReader } from "../recovery/reader.ts";
import { destinationOf, environmentFiles, readPlanFile } from "../recovery/destination.ts";
import { ago, namedOf, privateKey } from "../recovery/restore.ts";
import { timedSteps, type DoneStep, type Steps } from "../recovery/timed-steps.ts";
import { postgresImage } from "../recovery/verify-restored.ts";
import { runningContainer } from "../runtime/in-container.ts";
import type { Reporter } from "../runtime/reporter.ts";
import { PersonError } from "../terminal/failure.ts";
import { instantInWords } from "./instant.ts";
import { archiveIn, archiveReader, type InstantPath } from "./archive.ts";
import type { IsolatedServer } from "./isolated-server.ts";
import { checkPages, recoverTo } from "./recover.ts";
import { replaceDatabase } from "./replace.ts";

export interface InstantOptions {
  readonly root: string;
  readonly instant: Date;
  /** Environment whose archive is read, and the one that is restored into. */
  readonly from: string;
  readonly into: string;
  /** Ids of databases; all whose changes are archived when empty. */
  readonly only: readonly string[];
  /** File of a private key; undefined: the throw-away key in the engine's container. */
  readonly keyFile: string | undefined;
}

export interface PreparedInstant {
  readonly paths: readonly InstantPath[];
  /** One line for each database, with what is lost; and one for what stays as it is. */
  readonly losses: readonly string[];
  /** Brings every database up apart from those that run, and notes that it could be; nothing is replaced. */
  rehearse(reporter: Reporter): Promise<{ readonly steps: readonly DoneStep[] }>;
  /** Restores; to be called once somebody has agreed to the losses. */
  run(reporter: Reporter): Promise<BroughtBack & { readonly steps: readonly DoneStep[] }>;
}

/**
 * Finds the way to the instant for every database. Changes nothing.
 * @throws PersonError when an environment is down, a database's changes aren't archived, or the instant can't be reached
 */
export async function prepareInstant({ root, instant, from, into, only, keyFile }: InstantOptions): Promise<PreparedInstant> {
  if (instant.getTime() > Date.now()) throw new PersonError(`${instantInWords(instant)} hasn't come yet.`, { fix: "Times are Amsterdam's unless their zone is said: 2026-11-20T13:03:00Z.", exitCode: 2 });
  const engine = await runningContainer(from, "backup");
  const key = await privateKey(engine, keyFile);
  const archive = archiveReader(archiveIn(engine), key);
  const plan = await readPlanFile(environmentFiles(from, [engine], root));
  const streamed = plan.streams.map(({ database }) => database);
  for (const id of only) {
    if (!streamed.includes(id)) throw new PersonError(`The database "${namedOf(id).name}" can't be brought back as at an instant: its changes aren't archived in ${from}.`, { fix: streamed.length === 0 ? "Take a set instead: `jlam backup list`." : `Those of ${streamed.map((other) => namedOf(other).name).join(", ")} are. Take a set for the others.`, exitCode: 2 });
  }
  if (streamed.length === 0) throw new PersonError(`${from} archives no database's changes.`, { why: "Only a PostgreSQL that we run ourselves streams them, where the environment says what may be lost: postgresContainer(…, { loseAtMost }).", fix: "Take a set instead: `jlam backup list`." });
  const wanted = streamed.filter((id) => only.length === 0 || only.includes(id));
  const paths: InstantPath[] = [];
  for (const id of wanted) paths.push(await archive.path(id, instant));
  const image = await postgresImage(from, root);

  const bringUp = (steps: Steps, path: InstantPath): Promise<IsolatedServer> =>
    steps.run(`Server of ${path.database} at the instant`, async () => {
      const server = await recoverTo({ archive, path, instant, image });
      try {
        await checkPages(server, path.database, namedOf(path.database).name);
        await archive.verified(path);
      } catch (error) {
        await server.close();
        throw error;
      }
      return { value: server, found: `from ${counted(path.bases.length, "base backup")} and ${counted(path.segments.length, "segment")} of changes, every page and index checked` };
    });

  return {
    paths,
    losses: [
      ...wanted.map((id) => `${id}: everything that was written since, ${ago(instant)}`),
      "everything else stays as it is now: volumes, and databases whose changes aren't archived",
    ],
    rehearse: async (reporter) => {
      const steps = timedSteps(reporter);
      for (const path of paths) await (await bringUp(steps, path)).close();
      return { steps: steps.done };
    },
    run: async (reporter) => {
      const steps = timedSteps(reporter);
      const servers: { readonly id: string; readonly server: IsolatedServer }[] = [];
      try {
        // All of them first: as long as one can't be brought up, nothing of what runs is touched.
        for (const path of paths) servers.push({ id: path.database, server: await bringUp(steps, path) });
        const destination = await destinationOf(into, root);
        const { project } = destination;
        const databases = servers.map(({ id, server }) => ({ id, bring: async () => `${await replaceDatabase({ project, server, id, name: namedOf(id).name })} tables, equal to the server's at the instant` }));
        const reader = setReader(engineIn(engine), key);
        const back = await bringBackFrom({ ...destination, steps }, { databases, volumes: [], erasures: (id) => reader.erasures(id) });
        return { ...back, steps: steps.done };
      } finally {
        for (const { server } of servers) await server.close();
      }
    },
  };
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

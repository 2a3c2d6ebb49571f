/** What serves on this machine, where releases were brought to it: a restore starts that, and not what the checkout says. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Colour } from "@jlam/compose-dsl";
import { rootOf } from "../release/host/compose-host.ts";
import { readJournal } from "../release/journal/journal.ts";
import { itineraryName, readItinerary, type Itinerary } from "../release/machine/itinerary.ts";
import { situationOf } from "../release/machine/situation.ts";
import type { ContainerState } from "../runtime/containers.ts";
import { PersonError } from "../terminal/failure.ts";

/** A release as it serves on this machine. */
export interface Served {
  /** Where its files are. */
  readonly folder: string;
  readonly colour: Colour;
  readonly itinerary: Itinerary;
}

/**
 * The release that visitors are led to; undefined where the containers are those of `jlam up`.
 * @throws PersonError where its files are on another machine, its journal is broken, or a deploy is at work
 */
export async function servedHere(environment: string, containers: readonly Pick<ContainerState, "labels">[], root: string = rootOf(environment)): Promise<Served | undefined> {
  const isReleased = containers.some(({ labels }) => (labels["com.docker.compose.project.config_files"] ?? "").startsWith(`${root}/releases/`));
  if (!isReleased) return undefined;
  const text = await readFile(join(root, "journal.jsonl"), "utf8").catch((error: unknown) => {
    throw new PersonError(`What serves ${environment} isn't known here.`, { where: join(root, "journal.jsonl"), why: "Releases were brought to the machine whose engine this is, and their files are there alone.", fix: "Run it on that machine, as a user who may read them.", cause: error });
  });
  await refuseWhileHeld(root);
  const { entries, broken } = readJournal(environment, text);
  if (broken) throw new PersonError(`The journal of ${environment} isn't what was written.`, { where: join(root, "journal.jsonl"), why: broken.why, fix: "`jlam history verify` tells more. Nothing was changed." });
  const { serving } = situationOf(entries);
  if (serving === undefined) throw new PersonError(`No release serves ${environment} yet.`, { fix: "Deploy one first: a restore starts what served." });
  const folder = join(root, "releases", serving.folder);
  return { folder, colour: serving.colour, itinerary: readItinerary(await readFile(join(folder, itineraryName), "utf8")) };
}

/** The lock's lines are those of host.sh: token, end of the lease in seconds since 1970, holder, what for. */
async function refuseWhileHeld(root: string): Promise<void> {
  const [, until = "0", holder = "somebody", purpose = "a deploy"] = (await readFile(join(root, "lock"), "utf8").catch(() => "")).split("\n");
  if (Number(until) * 1000 <= Date.now()) return;
  throw new PersonError(`${holder} is at work on this machine (${purpose}).`, { why: "A restore and a deploy would stop and start the same services.", fix: "Wait until it is done. What was interrupted gives the machine free within a minute." });
}

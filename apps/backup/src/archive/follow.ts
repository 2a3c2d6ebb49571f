/** Follows one server: receives its changes, sends them, and makes base backups, until it is stopped. */
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { BackupError, messageOf } from "../failure.ts";
import type { Keyring } from "../keys/keyring.ts";
import { programsOf, writePasswordFile } from "../database/programs.ts";
import type { DatabaseAddress } from "../database/session.ts";
import { runPrograms, startPipeline, type Pipeline } from "../programs/pipeline.ts";
import { abortOpenUploads, listKeys, prepareBucket, type Store } from "../store/store.ts";
import { dueBase, makeDueBase, readLastBase } from "./base.ts";
import { endOf, nextSegment, objectsOf, positionOf, readRecordKey, segmentAt, segmentBytes, segmentRecords, type Place } from "./names.ts";
import { askMajor, askPosition, createSlot, dropSlot, receive, type Server } from "./programs.ts";
import { receivedSegments, sendSegments, type Probe } from "./send-segments.ts";

/** What somebody who follows tells. Times are this machine's. */
export interface Told {
  /** Everything committed until then is in the store. */
  readonly archived: (until: Date) => void;
  /** Changes that the store doesn't have yet. */
  readonly waiting: (bytes: number) => void;
  readonly base: (record: { readonly id: string; readonly startedAt: string; readonly prior: string | null }) => void;
  readonly trouble: (words: string, fix?: string) => void;
}

export interface Following {
  readonly address: DatabaseAddress;
  readonly store: Store;
  readonly keyring: Keyring;
  /** Folder for what was received and not sent yet. */
  readonly folder: string;
  readonly keepSeconds: number;
  readonly postgresPrograms: string;
  readonly told: Told;
  readonly stopped: AbortSignal;
}

/** Milliseconds between two looks at what was received. */
const pause = 2_000;
/** Milliseconds after which everything is tried anew, when something failed. */
const pauseAfterTrouble = 5_000;
/** Segments that may wait on the disk, 1 GB: when the store is away for longer, the server's slot keeps the rest. */
const mostWaiting = 64;
/** Milliseconds in which a server closes a segment that holds a commit, twice: without a newer segment there was none. */
const quietAfter = 120_000;

/** Follows until stopped; whatever fails is told and tried again. */
export async function follow(following: Following): Promise<void> {
  const { told, stopped } = following;
  while (!stopped.aborted) {
    await followOnce(following).catch((error: unknown) => {
      if (!stopped.aborted) told.trouble(messageOf(error), error instanceof BackupError ? error.fix : undefined);
    });
    await wait(pauseAfterTrouble, undefined, { signal: stopped }).catch(() => undefined);
  }
}

async function followOnce(following: Following): Promise<void> {
  const { address, store, folder, postgresPrograms } = following;
  const password = await writePasswordFile(address);
  let receiver: Pipeline | undefined;
  let server: Server | undefined;
  try {
    const newest = (await readdir(postgresPrograms)).sort().at(-1) ?? "";
    const major = await askMajor({ address, password, bin: `${postgresPrograms}/${newest}/bin` });
    server = { address, password, bin: await programsOf(major, postgresPrograms) };
    const { system } = await askPosition(server);
    const place: Place = { database: address.id, system };
    await prepareBucket(store);
    await abortOpenUploads(store, { below: objectsOf(address.id), before: new Date() });
    await sendRemains(following, system);
    const directory = join(folder, system, "received");
    await mkdir(directory, { recursive: true });
    await runPrograms([createSlot(server)]);
    receiver = startReceiver(server, directory);
    const failure = receiver.finished.then(() => new BackupError("The server ended the stream.", { fix: "It is asked again at once." }), (error: unknown) => error);
    await attend(following, { server, place, directory, major }, failure);
  } catch (error) {
    if (server !== undefined && isLost(error)) await startAnew(server, following);
    throw error;
  } finally {
    receiver?.stop();
    await receiver?.finished.catch(() => undefined);
    await password.remove();
  }
}

function startReceiver(server: Server, directory: string): Pipeline {
  const receiver = startPipeline([receive(server, directory)]);
  receiver.output.resume();
  return receiver;
}

interface Followed {
  readonly server: Server;
  readonly place: Place;
  readonly directory: string;
  readonly major: number;
}

/** Sends and copies as long as the stream lasts. @throws what ended it */
async function attend(following: Following, { server, place, directory, major }: Followed, failure: Promise<unknown>): Promise<void> {
  const { store, keyring, keepSeconds, told, stopped, folder } = following;
  const bases = join(folder, place.system, "bases");
  const making = { server, store, keyring, place, folder: bases, keepSeconds, major };
  let probes: readonly Probe[] = [];
  let sent = (await listKeys(store, segmentRecords(place))).flatMap((key) => readRecordKey(key)?.name ?? []).at(-1);
  let base: Promise<void> | undefined;
  const ended = failure.then((error) => ({ error }));
  while (!stopped.aborted) {
    const at = new Date();
    const { lsn, timeline } = await askPosition(server);
    const position = positionOf(lsn);
    probes = [...probes.slice(-200), { at, position }];
    try {
      await sendSegments({ store, keyring, place, directory, keepSeconds, probes }, (name, covers) => {
        sent = name;
        if (covers !== null) told.archived(covers);
      });
      // A segment with a commit in it is closed within the time that the server was told.
      if (sent !== undefined && nextSegment(sent) === segmentAt(timeline, position)) told.archived(new Date(at.getTime() - quietAfter));
      const kind = base === undefined ? dueBase(await readLastBase(bases), at) : undefined;
      if (kind !== undefined) {
        base = makeDueBase(making, kind, told.trouble)
          .then(told.base, (error: unknown) => told.trouble(`no base backup could be made: ${messageOf(error)}`))
          .finally(() => (base = undefined));
      }
    } catch (error) {
      told.trouble(messageOf(error), error instanceof BackupError ? error.fix : undefined);
    }
    const left = await receivedSegments(directory);
    told.waiting(sent === undefined ? left.length * segmentBytes : Math.max(0, Number(position - endOf(sent))));
    if (left.length > mostWaiting) throw new BackupError(`${left.length} segments wait to be sent.`, { fix: "The stream pauses, and the server's slot keeps the rest: look at the store." });
    const over = await Promise.race([ended, wait(pause, undefined)]);
    if (over !== undefined) throw over.error;
  }
}

/** What a former run left, of this server or of one that was made anew since: sent first, and removed. */
async function sendRemains({ address, store, keyring, folder, keepSeconds }: Following, system: string): Promise<void> {
  for (const former of await readdir(folder).catch(() => [])) {
    if (!/^[0-9]+$/.test(former)) continue;
    const directory = join(folder, former, "received");
    await mkdir(directory, { recursive: true });
    await sendSegments({ store, keyring, place: { database: address.id, system: former }, directory, keepSeconds, probes: [] }, () => undefined);
    if (former !== system) await rm(join(folder, former), { recursive: true });
  }
}

/** Whether the server threw changes away that were not received: the slot's limit was reached, or somebody dropped it. */
const isLost = (error: unknown): boolean => /can no longer (?:get changes|be used)|has already been removed|has been invalidated|replication slot "[^"]*" does not exist/.test(messageOf(error));

/** The changes in between are gone. The archive goes on behind the gap, from a whole base. */
async function startAnew(server: Server, { folder, told }: Following): Promise<void> {
  told.trouble("the server threw changes away before they were received: no instant between the last segment and the next base can be reached", "Nothing is to be done; a whole base backup is made now. Find out why nothing was received.");
  await runPrograms([dropSlot(server)]).catch(() => undefined);
  for (const system of await readdir(folder)) await rm(join(folder, system, "bases"), { recursive: true, force: true });
}

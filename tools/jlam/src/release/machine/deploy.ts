/** Brings a release to a host, or an old one back: lock, what was left unfinished, and then the undertaking itself. */
import { randomUUID } from "node:crypto";
import type { Colour } from "@jlam/compose-dsl";
import type { Hash } from "../record/canonical.ts";
import { hashOf } from "../record/canonical.ts";
import { shortId, type Release, type ReleaseId } from "../record/release.ts";
import { HostFailure, type Host, type Luggage } from "../host/host.ts";
import type { JournalHead } from "../journal/journal.ts";
import type { EntryFacts, JournalEntry } from "../journal/entry.ts";
import { usualConfirmation } from "../switch/confirm.ts";
import { usualWatch, type WatchOptions } from "../watch/window.ts";
import { carryOut, undertakingOf, type Means, type Outcome, type Undertaking, type Witness } from "./carry-out.ts";
import { openJournal, type HostJournal } from "./host-journal.ts";
import { itineraryName, type Itinerary } from "./itinerary.ts";
import { takeLock, type Lock } from "./lock.ts";
import { idleColour, placeEvidence, rollbackTarget, situationOf, type Placed, type Situation } from "./situation.ts";
import type { Preview } from "./steps.ts";
import { givenUp } from "./transition.ts";

/** A release with everything that its host gets. */
export interface Delivery {
  readonly release: Release;
  readonly itinerary: Itinerary;
  /** The generated files. */
  readonly files: ReadonlyMap<string, string>;
  /** By `service/FILE`. */
  readonly secrets: ReadonlyMap<string, string>;
  readonly plan: Hash;
  /** Services that the plan makes anew; undefined: no plan binds. */
  readonly planned: ReadonlySet<string> | undefined;
  readonly approvers: readonly string[];
  readonly brokenGlass: EntryFacts["brokenGlass"];
}

/** How to work, beside what is brought. */
export interface Manner {
  readonly environment: string;
  /** Mail address of whoever gave the command. */
  readonly who: string;
  /** Opens a connection to the host; asked again when one is cut. */
  readonly open: () => Promise<Host>;
  readonly preview: Preview;
  /** Asked right before the switch; what it returns keeps from it. */
  readonly objections?: () => Promise<readonly string[]>;
  readonly watch?: WatchOptions;
  /** How long the proxy may take to confirm that it leads where it was told to, in milliseconds. */
  readonly confirmWithin?: number;
  readonly witness: Witness;
  /** Head of the journal that is kept off the host: what is on it must go on from there. */
  readonly knownHead?: JournalHead;
  /** Tells the host's monitoring of the undertaking, once its lock is held; returns how that ends. Neither throws. */
  readonly announce?: (host: Host) => Promise<(host: Host) => Promise<void>>;
  /** Given the journal whenever an undertaking came to an end, so that it can be kept off the host. */
  readonly keep?: (journal: string) => Promise<void>;
  /** Aborted when the person wants to stop: what is under way stays resumable. */
  readonly stop?: AbortSignal;
}

/** How often a cut connection is made anew, and how long is waited before each, in milliseconds. */
const reconnects = [500, 2000, 5000, 10_000] as const;

/** What a deploy or rollback came to; `left` is what was unfinished before it and was ended first. */
export interface Result extends Outcome {
  readonly left: Outcome | undefined;
}

/**
 * Brings a release to its host. What somebody left unfinished is ended first: the same release is carried on with,
 * another one is taken back.
 * @throws LockTaken, BrokenJournal, and HostFailure where the host stays out of reach
 */
export async function deploy(delivery: Delivery, manner: Manner): Promise<Result> {
  const { release } = delivery;
  return await underLock(manner, `deploy ${shortId(release.id)}`, async (session) => {
    const left = await settleLeftovers(session, manner, release.id);
    if (left?.run.to.release === release.id && left.end !== "reverted") return { ...left, left: undefined };
    const situation = situationOf(session.journal.entries());
    if (situation.run !== undefined && left) return { ...left, left };
    return { ...(await begin(session, manner, delivery, placeFor(release.id, situation))), left };
  });
}

/** A rollback has nothing to go back to. */
export class NothingToReturnTo extends Error {
  override readonly name = "NothingToReturnTo";
}

/**
 * Asked before the way back begins, under the lock and with the journal as it is then: whether it may be, and which
 * closed gates were passed for a reason that goes into the journal.
 * @throws what keeps from it
 */
export type MayReturn = (target: ReleaseId, entries: readonly JournalEntry[], host: Host) => Promise<EntryFacts["brokenGlass"]>;

/**
 * Goes back to what served before. A deploy that was left unfinished is taken back, and that is all; one that only had
 * to tidy up is finished first.
 * @throws NothingToReturnTo, LockTaken, BrokenJournal, HostFailure, and what `mayReturn` throws
 */
export async function rollback(manner: Manner, mayReturn: MayReturn = async () => null): Promise<Result> {
  return await underLock(manner, "rollback", async (session) => {
    const before = situationOf(session.journal.entries());
    const left = await settleLeftovers(session, manner, undefined);
    if (left && (before.run?.action === "rollback" || left.end !== "finished")) return { ...left, left: undefined };
    const situation = situationOf(session.journal.entries());
    const target = rollbackTarget(situation);
    const known = target && session.journal.entries().findLast(({ release }) => release === target.release);
    if (!target || !known || !situation.serving) throw new NothingToReturnTo(situation.serving ? "Only one release ever served here." : "No release ever served here.");
    const brokenGlass = await mayReturn(target.release, session.journal.entries(), session.host);
    const to: Placed = { ...target, colour: idleColour(situation) };
    const id = randomUUID();
    const undertaking: Undertaking = { ...undertakingOf(known, manner.who, session.lock.token), run: id, action: "rollback", previousRelease: situation.serving.release, approvers: [], brokenGlass, plan: hashOf(`rollback to ${target.folder}`) };
    return { ...(await carryOutFrom(session, manner, undertaking, to, undefined)), left };
  });
}

/** No new version waits for a person to judge it. */
export class NothingWaits extends Error {
  override readonly name = "NothingWaits";
}

/**
 * Takes a person's word for a new version of which too little was seen while it was watched, and finishes its deploy. One
 * whose copies end, are restarted or are unhealthy is switched back from all the same.
 * @throws NothingWaits, LockTaken, BrokenJournal, HostFailure
 */
export async function accept(manner: Manner, reason: string): Promise<Result> {
  return await underLock(manner, "accept", async (session) => {
    const entries = session.journal.entries();
    const { run } = situationOf(entries);
    const last = entries.findLast((entry) => entry.run === run?.id);
    if (!run || !last) throw new NothingWaits("nothing is under way");
    if (run.step !== "watch" || run.action !== "deploy" || run.outcome === "failed") throw new NothingWaits(`the ${run.action} of ${shortId(run.to.release)} is at ${run.step}, which a person's word doesn't replace`);
    const means = { ...meansOf(session, manner, undefined, undefined), accepted: reason };
    return { ...(await carryOut(session.journal, undertakingOf(last, manner.who, session.lock.token), means, manner.witness)), left: undefined };
  });
}

interface Session {
  readonly lock: Lock;
  readonly journal: HostJournal;
  readonly host: Host;
}

/** Takes the lock and works; a connection that is cut is made anew, and the work goes on where the journal says it was. */
async function underLock(manner: Manner, purpose: string, work: (session: Session) => Promise<Result>): Promise<Result> {
  let host = await manner.open();
  let lock: Lock | undefined;
  let announced: ReturnType<NonNullable<Manner["announce"]>> | undefined;
  try {
    lock = await takeLock(host, { who: manner.who, purpose });
    // Nothing waits for it: visitors may be waiting for a way back.
    announced = manner.announce?.(host);
    let stepsDone = 0;
    for (let tries = 0; ; tries += 1) {
      let journal: HostJournal | undefined;
      try {
        journal = await openJournal(host, lock.token, manner.environment, manner.knownHead);
        const result = await work({ lock, host, journal });
        await manner.keep?.(await host.journal());
        return result;
      } catch (error) {
        const now = journal?.entries().filter(({ outcome }) => outcome === "done").length ?? 0;
        // A step was done since it was cut last: the way to the host is bad, and not gone.
        if (now > stepsDone) [tries, stepsDone] = [0, now];
        const pause = reconnects[tries];
        if (!(error instanceof HostFailure) || error.cause_ !== "unreachable" || pause === undefined || manner.stop?.aborted === true) throw error;
        host = await reconnect(host, manner, pause);
        lock.through(host);
      }
    }
  } finally {
    await (await announced)?.(host);
    await lock?.release().catch(() => undefined);
    await host.close();
  }
}

async function reconnect(cut: Host, manner: Manner, pause: number): Promise<Host> {
  await cut.close().catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, pause));
  return await manner.open();
}

/** Ends what the journal has under way; undefined where there is nothing. */
async function settleLeftovers({ lock, journal, host }: Session, manner: Manner, release: string | undefined): Promise<Outcome | undefined> {
  const { run } = situationOf(journal.entries());
  const last = journal.entries().findLast((entry) => entry.run === run?.id);
  if (!run || !last) return undefined;
  const undertaking = undertakingOf(last, manner.who, lock.token);
  const goesOn = run.to.release === release || (release === undefined && run.action === "rollback");
  return await carryOut(journal, undertaking, meansOf({ lock, journal, host }, manner, undefined, undefined), manner.witness, goesOn ? {} : { began: (situation) => ({ ...situation, run: situation.run && givenUp(situation.run) }) });
}

/** A new release goes into a folder of its own, even one that was here before: its secrets may be others. */
function placeFor(release: string, situation: Situation): Placed {
  const colour: Colour = idleColour(situation);
  return { release, colour, folder: `${shortId(release)}-${randomUUID().slice(0, 8)}` };
}

async function begin(session: Session, manner: Manner, delivery: Delivery, to: Placed): Promise<Outcome> {
  const { release, itinerary, files, secrets, plan, approvers, brokenGlass } = delivery;
  const situation = situationOf(session.journal.entries());
  const undertaking: Undertaking = {
    environment: manner.environment,
    run: randomUUID(),
    action: "deploy",
    who: manner.who,
    approvers,
    release: release.id,
    previousRelease: situation.serving?.release ?? null,
    revision: release.revision,
    committedAt: release.committedAt,
    images: release.images,
    plan,
    fencing: session.lock.token,
    brokenGlass,
  };
  const luggage: Luggage = {
    folder: to.folder,
    variables: itinerary.variables,
    images: itinerary.images,
    files: new Map([...files, [itineraryName, `${JSON.stringify(itinerary, undefined, 2)}\n`]]),
    secrets,
  };
  return await carryOutFrom(session, manner, undertaking, to, { luggage, planned: delivery.planned });
}

async function carryOutFrom(session: Session, manner: Manner, undertaking: Undertaking, to: Placed, brought: { readonly luggage: Luggage; readonly planned: Delivery["planned"] } | undefined): Promise<Outcome> {
  return await carryOut(session.journal, undertaking, meansOf(session, manner, brought?.luggage, brought?.planned), manner.witness, { first: [{ step: "begin", outcome: "done", evidence: placeEvidence(to) }] });
}

function meansOf({ lock, host }: Session, manner: Manner, luggage: Luggage | undefined, planned: Delivery["planned"]): Means {
  const signal = manner.stop ? AbortSignal.any([lock.lost, manner.stop]) : lock.lost;
  return {
    host,
    token: lock.token,
    luggage,
    planned,
    preview: manner.preview,
    objections: manner.objections ?? (async () => []),
    watch: manner.watch ?? usualWatch,
    confirmWithin: manner.confirmWithin ?? usualConfirmation,
    accepted: undefined,
    signal,
  };
}

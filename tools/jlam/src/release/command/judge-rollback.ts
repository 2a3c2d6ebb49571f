/** Whether an environment may go back to a release: what `jlam rollback` asks before it begins, and shows as a plan. */
import { appliedContractSteps, releasesThatMigrated } from "../gates/applied.ts";
import { judgeRollback, type BrokenGlass, type Judgement } from "../gates/judge.ts";
import { advancesOf, releasesThatStarted } from "../gates/reached.ts";
import { refusalInWords } from "../gates/refusal.ts";
import { refusedCode } from "../exit-codes.ts";
import type { JournalEntry } from "../journal/entry.ts";
import type { MayReturn } from "../machine/deploy.ts";
import { findRelease, releasesNamed } from "../record/archive.ts";
import { shortId, type Release, type ReleaseId } from "../record/release.ts";
import { lastSeen, snapshot, type ReleaseRepository, type Snapshot } from "../record/repository.ts";
import { PersonError } from "../../terminal/failure.ts";
import { say } from "../../terminal/output.ts";

/** The newest state of the release repository, or what this clone saw last: a way back waits for no remote. */
export async function newestKnown(repository: ReleaseRepository): Promise<Snapshot> {
  try {
    return await snapshot(repository, { timeout: longestFetch });
  } catch (error) {
    if (!(error instanceof PersonError)) throw error;
    say(`${error.message} What this clone saw of it last is judged by.`);
    return await lastSeen(repository);
  }
}

/** How long a way back waits for the release repository, in milliseconds. */
const longestFetch = 5000;

export interface WayBack {
  readonly environment: string;
  readonly target: Release;
  readonly entries: readonly JournalEntry[];
  /** Seconds since 1970, by the clock of the host. */
  readonly clock: number;
  readonly host: string;
  readonly now: Date;
}

/** Judges a way back by the journal as the host has it, whose chain was checked when it was read. */
export async function judgeWayBack(from: Snapshot, { environment, target, entries, clock, host, now }: WayBack, glass: BrokenGlass | undefined): Promise<Judgement> {
  const releases = await releasesNamed(from, [...releasesThatMigrated(entries), ...releasesThatStarted(entries)]);
  const [applied, advances] = [appliedContractSteps(entries, releases), advancesOf(environment, entries, releases)];
  return judgeRollback({ target, journal: { environment, entries, broken: undefined, headTrusted: true }, applied, advances, now, clocks: [{ of: host, at: new Date(clock * 1000), kind: "now" }] }, glass);
}

/**
 * For `rollback`: refuses in words what may not be, and tells which gates a reason opened. `newest` is the state of the
 * release repository, which can be asked for while the host is being reached.
 */
export const mayReturn =
  (newest: Promise<Snapshot>, environment: string, glass: BrokenGlass | undefined): MayReturn =>
  async (id, entries, host) => {
    const [from, { clock }] = await Promise.all([newest, host.facts()]);
    const target = await targetOf(from, id, environment, glass);
    if (target === undefined) return glass === undefined ? null : { reason: glass.reason, gates: ["migrations"] };
    const { passed, refusals, brokenGlass } = await judgeWayBack(from, { environment, target, entries, clock, host: host.name, now: new Date() }, glass);
    if (passed) return brokenGlass;
    throw new PersonError(`${environment} may not go back to release ${shortId(id)}.`, { why: refusals.map(refusalInWords).join("\n"), fix: `Go forward with a new release, or \`jlam rollback ${environment} --break-glass REASON\` where that is worse.`, exitCode: refusedCode });
  };

/** The release to go back to. Without it nobody can say which schema it needs, so that only a reason passes. */
async function targetOf(from: Snapshot, id: ReleaseId, environment: string, glass: BrokenGlass | undefined): Promise<Release | undefined> {
  try {
    return await findRelease(from, id);
  } catch (error) {
    if (!(error instanceof PersonError)) throw error;
    if (glass !== undefined) return undefined;
    throw new PersonError(`Nobody can say here which schema release ${shortId(id)} needs.`, { why: error.message, fix: `Try it from a clone that has seen the release, or \`jlam rollback ${environment} --break-glass REASON\`.`, exitCode: refusedCode, cause: error });
  }
}

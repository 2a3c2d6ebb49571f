/** A release that announces itself on the host that it goes to. */
import { duration, settledSurroundings, type ResolvedEnvironment } from "@jlam/compose-dsl";
import { announceable, type Expected } from "@jlam/monitoring/announcements";
import { watch } from "@jlam/monitoring/watch";
import { announce, endAnnouncement } from "./announce.ts";
import { withProgramOn, type Reachable } from "./reach.ts";
import { messageOf } from "../terminal/failure.ts";

export interface AnnouncedRelease {
  readonly environment: ResolvedEnvironment;
  /** Services that it may make anew, as the model calls them; what nobody probes is passed over, undefined means all of them. */
  readonly services: ReadonlySet<string> | undefined;
  /** What visitors may notice of it, as its plan says. */
  readonly expected: Expected;
  /** Mail address of whoever gave the command. */
  readonly who: string;
  /** Such as `deploy 4f1d09a2`. */
  readonly why: string;
  /** Told why it could not be announced or ended. */
  readonly report: (line: string) => void;
}

/** Ends an announcement, through whichever connection to the host is open then. Throws nothing. */
export type EndOfRelease = (host: Reachable) => Promise<void>;

/**
 * An announcement ends with its release; should its deployer die it ends by itself after this. A deploy takes some
 * minutes beside the five for which it is watched, and one that is carried on announces itself anew.
 */
const longestRelease = duration("30m");

/**
 * Announces a release at the services that it touches. A release never fails for it: where no Alertmanager answers, as
 * on an empty host, that is reported and nothing waits.
 */
export const releaseAnnouncer =
  ({ environment, services, expected, who, why, report }: AnnouncedRelease) =>
  async (host: Reachable): Promise<EndOfRelease> => {
    const watched = watch(settledSurroundings(environment.node));
    const about = announceable(watched).filter((name) => services?.has(name) ?? true);
    if (about.length === 0) return async () => undefined;
    const id = await tried(report, "Not announced, so its alerts don't wait", () =>
      withProgramOn(host, environment, "alertmanager", (ask) => announce(ask, { watched, services: about, expected, atMost: longestRelease.ms, who, why })),
    );
    if (id === undefined) return async () => undefined;
    return async (now) => {
      await tried(report, `Its announcement ends by itself after ${longestRelease.ms / 60_000} min`, () => withProgramOn(now, environment, "alertmanager", (ask) => endAnnouncement(ask, id)));
    };
  };

/** What came of it; undefined where it failed, whatever the reason, which is reported. */
async function tried<T>(report: (line: string) => void, consequence: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    report(`${consequence}: ${messageOf(error)}`);
    return undefined;
  }
}

/** Announcements: a release or a planned restart tells Alertmanager of itself, and the alerts that it explains wait. */
import { announcedMatchers, settling, type Expected } from "@jlam/monitoring/announcements";
import type { Watched } from "@jlam/monitoring/watch";
import type { Ask } from "./ask.ts";
import { addSilence, endSilence, endSilenceAt, listSilences, type Silence } from "./silences.ts";

export interface Announced {
  /** The environment as monitoring sees it. */
  readonly watched: Watched;
  /** Services and resources, as alerts call them; at least one. */
  readonly services: readonly string[];
  readonly expected: Expected;
  /** Milliseconds after which alerts wait no longer, whatever becomes of whoever announced it. */
  readonly atMost: number;
  /** Who, such as a mail address, and why: the silence says both to whoever wonders. */
  readonly who: string;
  readonly why: string;
}

/** What stands in a silence that this command line made, before the reason. */
const prefix = "announced: ";

/** Whether a silence is an announcement; the others were made by hand, on Alertmanager's page. */
export const isAnnouncement = ({ why }: Silence): boolean => why.startsWith(prefix);

/** The reason as it was given. */
export const reasonOf = ({ why }: Silence): string => (why.startsWith(prefix) ? why.slice(prefix.length) : why);

/**
 * Announces it and returns the announcement's id. Alerts that fire already wait too.
 * @throws Unanswered where no Alertmanager answers: then nothing waits
 */
export async function announce(ask: Ask, { watched, services, expected, atMost, who, why }: Announced): Promise<string> {
  const now = Date.now();
  return await addSilence(ask, { matchers: announcedMatchers(watched, services, expected), from: new Date(now), until: new Date(now + atMost), who, why: `${prefix}${why}` });
}

/**
 * Ends it early, because the work is done: alerts go on waiting until what is well again is known to be (60 s), or with
 * `now` not at all. One that ends sooner by itself, or has ended, is left.
 * @throws Unanswered where no Alertmanager answers: then it ends by itself
 */
export async function endAnnouncement(ask: Ask, id: string, { now = false }: { readonly now?: boolean } = {}): Promise<void> {
  const silence = (await listSilences(ask)).find((found) => found.id === id);
  if (silence === undefined) return;
  if (now) return await endSilence(ask, id);
  const settled = new Date(Date.now() + settling.ms);
  if (settled < silence.until) await endSilenceAt(ask, silence, settled);
}

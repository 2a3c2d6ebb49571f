/** Alertmanager's silences, by its API v2 (https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml). */
import type { Matcher } from "@jlam/monitoring/announcements";
import { z } from "zod";
import { Unanswered, type Ask, type Inquiry } from "./ask.ts";

/** What is silenced, by whom and why. */
export interface NewSilence {
  readonly matchers: readonly Matcher[];
  readonly from: Date;
  readonly until: Date;
  readonly who: string;
  readonly why: string;
}

export interface Silence extends NewSilence {
  readonly id: string;
  readonly state: "pending" | "active" | "expired";
}

const matcher = z.object({ name: z.string(), value: z.string(), isRegex: z.boolean(), isEqual: z.boolean().default(true) });
const gettable = z.array(
  z.object({
    id: z.string(),
    status: z.object({ state: z.enum(["pending", "active", "expired"]) }),
    matchers: z.array(matcher),
    startsAt: z.string(),
    endsAt: z.string(),
    createdBy: z.string(),
    comment: z.string(),
  }),
);
const posted = z.object({ silenceID: z.string() });

/** Those that hold or will hold, the first to end first. @throws Unanswered */
export async function listSilences(ask: Ask): Promise<readonly Silence[]> {
  const all = gettable.parse(await answer(ask, { path: "/api/v2/silences" }));
  return all
    .filter(({ status }) => status.state !== "expired")
    .map(({ id, status, matchers, startsAt, endsAt, createdBy, comment }) => ({ id, state: status.state, matchers, from: new Date(startsAt), until: new Date(endsAt), who: createdBy, why: comment }))
    .sort((a, b) => a.until.getTime() - b.until.getTime());
}

/** Begins one and returns its id. @throws Unanswered */
export const addSilence = async (ask: Ask, silence: NewSilence): Promise<string> => posted.parse(await answer(ask, { method: "POST", path: "/api/v2/silences", json: written(silence) })).silenceID;

/** Lets one that holds end at another moment, which lies ahead. @throws Unanswered */
export async function endSilenceAt(ask: Ask, silence: Silence, until: Date): Promise<void> {
  await answer(ask, { method: "POST", path: "/api/v2/silences", json: { id: silence.id, ...written({ ...silence, until }) } });
}

/** Ends one now. @throws Unanswered */
export async function endSilence(ask: Ask, id: string): Promise<void> {
  await answer(ask, { method: "DELETE", path: `/api/v2/silence/${encodeURIComponent(id)}` });
}

const written = ({ matchers, from, until, who, why }: NewSilence) => ({ matchers, startsAt: from.toISOString(), endsAt: until.toISOString(), createdBy: who, comment: why });

async function answer(ask: Ask, inquiry: Inquiry): Promise<unknown> {
  const { status, body } = await ask(inquiry);
  if (status !== 200) throw new Unanswered(`Alertmanager answers ${status}: ${body.trim()}`);
  return body === "" ? undefined : JSON.parse(body);
}

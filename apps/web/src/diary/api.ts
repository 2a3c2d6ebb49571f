import type { FastifyInstance } from "fastify";
import { z } from "zod";

import { DIARY_API_PATH } from "../pages/paths.ts";
import { unavailable } from "../privacy/member-visit.ts";
import { dayAt, daysBetween, isDay, plusDays } from "./day.ts";
import type { DiaryEntry } from "./diary.ts";
import { MEASURES, measures } from "./measures.ts";
import type { DiaryParts } from "./routes.ts";

/** Most days of one answer: a leap year. */
const MOST_DAYS = 366;

/** Days of an answer when the question doesn't say from when. */
const DEFAULT_DAYS = 30;

const dayText = z.string().refine(isDay).optional();
const querySchema = z.object({ van: dayText, tot: dayText });

const toJson = ({ day, values }: DiaryEntry): Readonly<Record<string, string | number | undefined>> => ({
  dag: day,
  ...Object.fromEntries(MEASURES.map((key) => [measures[key].field, values[key]])),
});

/**
 * Adds `GET /api/dagboek?van=2026-11-01&tot=2026-11-30`: the same days as on the pages, for the session's member.
 *
 * Answers 200 with `{ van, tot, dagen: [{ dag, gewicht, glucose, stappen, slaap, stemming }] }`, oldest first, where a
 * measure that was not filled in is left out. Weight in kg, glucose in mmol/l, sleep in hours, mood from 1 to 5. Both
 * days count; without `tot` it is today, without `van` thirty days in all. Otherwise `{ fout }` with status 400 (days
 * that don't exist, are in the wrong order or are more than a year apart), 401 (not signed in) or 403 (no consent).
 *
 * The answer may be kept by the browser of the member and no cache between, and must be asked for again each time: the
 * ETag that the surrounding scope adds makes that a 304 without a body. A 304 is recorded as a reading too.
 */
export function addDiaryApi(application: FastifyInstance, { visitors, diary, now = Date.now }: DiaryParts): void {
  application.get(DIARY_API_PATH, async (request, reply) => {
    const refuse = (status: number, fout: string) => reply.code(status).header("cache-control", "no-store").send({ fout });
    const found = await visitors.member(request);
    if (found === undefined) return refuse(401, "Je bent niet ingelogd.");
    const query = querySchema.safeParse(request.query);
    if (!query.success) return refuse(400, "Geef ‘van’ en ‘tot’ als dagen zoals 2026-11-21.");
    const to = query.data.tot ?? dayAt(now());
    const from = query.data.van ?? plusDays(to, 1 - DEFAULT_DAYS);
    const length = daysBetween(from, to) + 1;
    if (length < 1 || length > MOST_DAYS) return refuse(400, `Vraag minstens één en hooguit ${MOST_DAYS} dagen, de oudste eerst.`);
    const entries = await diary.read(found.member.id, from, to).catch(unavailable);
    if (entries === undefined) return refuse(403, "Je gaf geen toestemming om gezondheidsgegevens te bewaren.");
    return reply.header("cache-control", "private, no-cache").header("vary", "cookie").send({ van: from, tot: to, dagen: entries.map(toJson) });
  });
}

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";

import type { Assets } from "../http/assets.ts";
import { PageError } from "../http/page-error.ts";
import { DIARY_PATH } from "../pages/paths.ts";
import { memberForm, memberVisit, sendOwnPage, toSignIn, unavailable } from "../privacy/member-visit.ts";
import type { MemberVisit } from "../privacy/member-visit.ts";
import type { Visitors } from "../sessions/visitor.ts";
import { dayAt, isDay, plusDays } from "./day.ts";
import type { Day } from "./day.ts";
import { stateOf } from "./day-form.ts";
import type { DayFormState } from "./day-form.ts";
import { readDayForm } from "./day-form-reader.ts";
import { PERIODS, dayPage, diaryPage, noConsentPage } from "./diary-page.ts";
import type { DiaryNews, PeriodLength } from "./diary-page.ts";
import type { Diary } from "./diary.ts";

/** What the diary's pages and its API are made from. */
export interface DiaryParts {
  readonly assets: Assets;
  readonly visitors: Visitors;
  readonly diary: Diary;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** How far back a page looks for the weight that it shows as a reminder, in days. */
const REMINDER_DAYS = 30;

const DEFAULT_PERIOD: PeriodLength = 30;

const dayText = z.string().refine(isDay);
const querySchema = z.object({
  dagen: z.coerce.number().pipe(z.literal(PERIODS)).catch(DEFAULT_PERIOD),
  dag: dayText.optional().catch(undefined),
  bewaard: dayText.optional().catch(undefined),
  verwijderd: dayText.optional().catch(undefined),
});

const newsIn = ({ bewaard, verwijderd }: z.output<typeof querySchema>): DiaryNews | undefined => {
  if (bewaard !== undefined) return { done: "kept", day: bewaard };
  return verwijderd === undefined ? undefined : { done: "removed", day: verwijderd };
};

type DayRequest = FastifyRequest<{ Params: { day: string } }>;

/** Adds the diary's pages. They are kept by no browser: others may use the same phone or computer. */
export function addDiaryPages(application: FastifyInstance, { assets, visitors, diary, now = Date.now }: DiaryParts): void {
  /** The day in the address: one that has been, or is. */
  const dayOf = (request: DayRequest): Day => {
    const text = request.params.day;
    if (!isDay(text) || text > dayAt(now())) throw new PageError(404);
    return text;
  };

  const sendDay = async (reply: FastifyReply, { member, frame }: MemberVisit, day: Day, form?: DayFormState): Promise<FastifyReply> => {
    const entries = await diary.read(member.id, plusDays(day, -REMINDER_DAYS), day).catch(unavailable);
    if (entries === undefined) return sendOwnPage(reply, noConsentPage(frame));
    const kept = entries.find((entry) => entry.day === day)?.values;
    return sendOwnPage(reply, dayPage({ ...frame, day, today: dayAt(now()), entries, form: form ?? stateOf(kept) }));
  };

  const sendToday = async (reply: FastifyReply, { member, frame }: MemberVisit, query: z.output<typeof querySchema>, form?: DayFormState): Promise<FastifyReply> => {
    const today = dayAt(now());
    const entries = await diary.read(member.id, plusDays(today, -Math.max(query.dagen, REMINDER_DAYS)), today).catch(unavailable);
    if (entries === undefined) return sendOwnPage(reply, noConsentPage(frame));
    const kept = entries.find((entry) => entry.day === today)?.values;
    return sendOwnPage(reply, diaryPage({ ...frame, today, length: query.dagen, entries, form: form ?? stateOf(kept), news: newsIn(query) }));
  };

  application.get(DIARY_PATH, async (request, reply) => {
    const visit = await memberVisit(request, visitors, assets);
    if (visit === undefined) return toSignIn(reply, DIARY_PATH);
    const query = querySchema.parse(request.query);
    if (query.dag !== undefined) return reply.header("cache-control", "no-store").redirect(`${DIARY_PATH}/${query.dag}`, 303);
    return await sendToday(reply, visit, query);
  });

  application.get(`${DIARY_PATH}/:day`, async (request: DayRequest, reply) => {
    const day = dayOf(request);
    const visit = await memberVisit(request, visitors, assets);
    if (visit === undefined) return toSignIn(reply, `${DIARY_PATH}/${day}`);
    return await sendDay(reply, visit, day);
  });

  application.post(`${DIARY_PATH}/:day`, async (request: DayRequest, reply) => {
    const day = dayOf(request);
    const visit = await memberForm(request, visitors, assets);
    if (visit === undefined) return toSignIn(reply, `${DIARY_PATH}/${day}`);
    const form = readDayForm(request.body);
    if (form === undefined) throw new PageError(400);
    if (form.kind === "wrong") {
      reply.code(422);
      // As it was sent: who began today's form before midnight goes on with the day that it was about.
      return day === dayAt(now()) ? await sendToday(reply, visit, querySchema.parse({}), form) : await sendDay(reply, visit, day, form);
    }
    const isKept = await diary.put(visit.member.id, { day, values: form.values }).catch(unavailable);
    if (!isKept) return sendOwnPage(reply.code(403), noConsentPage(visit.frame));
    return reply.header("cache-control", "no-store").redirect(`${DIARY_PATH}?bewaard=${day}`, 303);
  });

  application.post(`${DIARY_PATH}/:day/verwijderen`, async (request: DayRequest, reply) => {
    const day = dayOf(request);
    const visit = await memberForm(request, visitors, assets);
    if (visit === undefined) return toSignIn(reply, `${DIARY_PATH}/${day}`);
    await diary.remove(visit.member.id, day).catch(unavailable);
    return reply.header("cache-control", "no-store").redirect(`${DIARY_PATH}?verwijderd=${day}`, 303);
  });
}

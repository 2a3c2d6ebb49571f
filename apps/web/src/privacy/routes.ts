import type { FastifyInstance } from "fastify";
import type { Kysely, Transaction } from "kysely";
import { z } from "zod";

import { asMember } from "../database/members.ts";
import type { Tables } from "../database/tables.ts";
import type { Assets } from "../http/assets.ts";
import { PageError } from "../http/page-error.ts";
import { accountPage } from "../pages/account-page.ts";
import { ACCESS_PATH, ACCOUNT, ACCOUNT_PATH, CONSENT_PATH, ERASURE_PATH, EXPORT_PATH, PRIVACY_PATH, SIGN_IN_PATH, STAY_PATH } from "../pages/paths.ts";
import { DEFAULT_DISPLAY } from "../sessions/session.ts";
import type { SessionStore } from "../sessions/store.ts";
import type { Visitors } from "../sessions/visitor.ts";
import { OPERATORS_GROUP } from "../operators/group.ts";
import { ownAccess } from "./access-log.ts";
import type { AccessAction, AccessLog, DataClass } from "./access-log.ts";
import { accessPage } from "./access-page.ts";
import { consentPage } from "./consent-page.ts";
import { consentStates, decideConsent } from "./consents.ts";
import { CONFIRMATION, erasureAskedPage, erasurePage } from "./erasure-page.ts";
import { erasureDue, requestErasure, takeErasureBack } from "./erasure.ts";
import { exportAsCsv, exportAsJson, exportPerson } from "./export.ts";
import type { PersonalExport } from "./export.ts";
import { memberForm, memberVisit, sendOwnPage, toSignIn, unavailable } from "./member-visit.ts";
import { noticePage } from "./notice-page.ts";
import { presentText, purposeNames } from "./purposes.ts";

/** What a member's pages about their own data are made from. */
export interface PrivacyParts {
  readonly database: Kysely<Tables>;
  readonly accessLog: AccessLog;
  readonly sessions: Pick<SessionStore, "endAllOf">;
}

/** Most accesses that the page shows; an export has all. */
const SHOWN_ACCESSES = 200;

const consentSchema = z.object({
  purpose: z.enum(purposeNames),
  version: z.coerce.number(),
  decision: z.enum(["given", "withdrawn"]),
});
const confirmationSchema = z.object({ confirmation: z.string() });

const EXPORTS = [
  { ending: "json", type: "application/json; charset=utf-8", write: exportAsJson },
  { ending: "csv", type: "text/csv; charset=utf-8", write: exportAsCsv },
] as const satisfies readonly { readonly ending: string; readonly type: string; readonly write: (data: PersonalExport) => string }[];

/** Adds the privacy notice, which everybody may read. */
export function addPrivacyNotice(
  application: FastifyInstance,
  { assets, visitors, backupDays, canSignIn }: { readonly assets: Assets; readonly visitors: Visitors; readonly backupDays: number; readonly canSignIn: boolean },
): void {
  application.get(PRIVACY_PATH, async (request, reply) => {
    const session = await visitors.current(request);
    const way = session?.data.member === undefined ? { href: SIGN_IN_PATH, text: "Inloggen" } : ACCOUNT;
    const display = session?.data.display ?? DEFAULT_DISPLAY;
    const text = noticePage({ assets, display, backupDays, account: canSignIn ? way : undefined });
    return reply.header("cache-control", "private, no-cache").type("text/html; charset=utf-8").send(text);
  });
}

/** Adds the pages with which members see, decide about, take away and erase what is kept about them. */
export function addPrivacyPages(
  application: FastifyInstance,
  { assets, visitors, backupDays }: { readonly assets: Assets; readonly visitors: Visitors; readonly backupDays: number },
  { database, accessLog, sessions }: PrivacyParts,
): void {
  /** Does something with a member's own data and records it, both or neither. */
  const recorded = async <T>(id: string, data: DataClass, action: AccessAction, work: (transaction: Transaction<Tables>) => Promise<T>): Promise<T> =>
    await asMember(database, id, async (transaction) => {
      await accessLog.record(transaction, ownAccess(id, data, action));
      return await work(transaction);
    }).catch(unavailable);

  application.get(ACCOUNT_PATH, async (request, reply) => {
    const visit = await memberVisit(request, visitors, assets);
    if (visit === undefined) return toSignIn(reply, ACCOUNT_PATH);
    const { member, frame } = visit;
    const found = await recorded(member.id, "account", "read", async (transaction) => ({
      row: await transaction.selectFrom("member").select("created_at").where("id", "=", member.id).executeTakeFirst(),
      due: await erasureDue(transaction, member.id),
    }));
    if (found.row === undefined) return toSignIn(reply, ACCOUNT_PATH);
    const isOperator = member.groups.includes(OPERATORS_GROUP);
    return sendOwnPage(reply, accountPage({ frame, name: member.name, since: found.row.created_at, erasureDue: found.due, isOperator }));
  });

  application.get(CONSENT_PATH, async (request, reply) => {
    const visit = await memberVisit(request, visitors, assets);
    if (visit === undefined) return toSignIn(reply, CONSENT_PATH);
    const { id } = visit.member;
    const states = await recorded(id, "consents", "read", (transaction) => consentStates(transaction, id));
    return sendOwnPage(reply, consentPage(visit.frame, states));
  });

  application.post(CONSENT_PATH, async (request, reply) => {
    const visit = await memberForm(request, visitors, assets);
    if (visit === undefined) return toSignIn(reply, CONSENT_PATH);
    const form = consentSchema.safeParse(request.body);
    if (!form.success) throw new PageError(400);
    const { purpose, version, decision } = form.data;
    const { id } = visit.member;
    // A page that was open during a release asks with the old wording; nobody agrees to what they didn't read.
    const isPresent = decision === "withdrawn" || version === presentText(purpose).version;
    if (isPresent) await recorded(id, "consents", "write", (transaction) => decideConsent(transaction, id, purpose, decision));
    return reply.header("cache-control", "no-store").redirect(`${CONSENT_PATH}#${purpose}`, 303);
  });

  application.get(ACCESS_PATH, async (request, reply) => {
    const visit = await memberVisit(request, visitors, assets);
    if (visit === undefined) return toSignIn(reply, ACCESS_PATH);
    const { id } = visit.member;
    await recorded(id, "access-log", "read", () => Promise.resolve());
    const records = await accessLog.about(database, id, SHOWN_ACCESSES).catch(unavailable);
    return sendOwnPage(reply, accessPage(visit.frame, records, SHOWN_ACCESSES));
  });

  for (const { ending, type, write } of EXPORTS) {
    application.get(`${EXPORT_PATH}.${ending}`, async (request, reply) => {
      const visit = await memberVisit(request, visitors, assets);
      if (visit === undefined) return toSignIn(reply, ACCOUNT_PATH);
      const { id, name } = visit.member;
      const person = { memberId: id, accessPseudonym: accessLog.pseudonym(id), name };
      const data = await recorded(id, "everything", "export", (transaction) => exportPerson(transaction, person, new Date()));
      return reply
        .header("cache-control", "no-store")
        .header("content-disposition", `attachment; filename="mijn-gegevens-jlam.${ending}"`)
        .type(type)
        .send(write(data));
    });
  }

  application.get(ERASURE_PATH, async (request, reply) => {
    const visit = await memberVisit(request, visitors, assets);
    if (visit === undefined) return toSignIn(reply, ERASURE_PATH);
    return sendOwnPage(reply, erasurePage(visit.frame, backupDays, false));
  });

  application.post(ERASURE_PATH, async (request, reply) => {
    const visit = await memberForm(request, visitors, assets);
    if (visit === undefined) return toSignIn(reply, ERASURE_PATH);
    const typed = confirmationSchema.safeParse(request.body).data?.confirmation.trim().toLowerCase();
    if (typed !== CONFIRMATION) return sendOwnPage(reply.code(422), erasurePage(visit.frame, backupDays, true));
    const { id } = visit.member;
    const due = await recorded(id, "account", "change", (transaction) => requestErasure(transaction, id));
    await sessions.endAllOf(id).catch(unavailable);
    await visitors.signOut(reply, visit.session);
    return sendOwnPage(reply, erasureAskedPage(visit.frame, due));
  });

  application.post(STAY_PATH, async (request, reply) => {
    const visit = await memberForm(request, visitors, assets);
    if (visit === undefined) return toSignIn(reply, ACCOUNT_PATH);
    const { id } = visit.member;
    await recorded(id, "account", "change", (transaction) => takeErasureBack(transaction, id));
    return reply.header("cache-control", "no-store").redirect(ACCOUNT_PATH, 303);
  });
}

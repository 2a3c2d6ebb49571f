import type { FastifyInstance } from "fastify";
import type { Kysely } from "kysely";

import { readPlatformCounts } from "../database/platform-counts.ts";
import type { Tables } from "../database/tables.ts";
import type { Assets } from "../http/assets.ts";
import { PageError } from "../http/page-error.ts";
import { OPERATORS_PATH } from "../pages/paths.ts";
import type { AccessEvent, AccessLog } from "../privacy/access-log.ts";
import { memberVisit, sendOwnPage, toSignIn, unavailable } from "../privacy/member-visit.ts";
import type { Visitors } from "../sessions/visitor.ts";
import { consentCounts, entryCounts, erasureCounts } from "./counts.ts";
import { OPERATORS_GROUP } from "./group.ts";
import { operatorsPage } from "./page.ts";

/** How many days back entries are shown by day. */
const SHOWN_DAYS = 14;

/** Adds the page with counts for operators. To everybody else it isn't there, and that they asked is recorded. */
export function addOperatorsPage(
  application: FastifyInstance,
  { assets, visitors }: { readonly assets: Assets; readonly visitors: Visitors },
  { database, accessLog }: { readonly database: Kysely<Tables>; readonly accessLog: Pick<AccessLog, "record"> },
): void {
  application.get(OPERATORS_PATH, async (request, reply) => {
    const visit = await memberVisit(request, visitors, assets);
    if (visit === undefined) return toSignIn(reply, OPERATORS_PATH);
    const { id, groups } = visit.member;
    const isOperator = groups.includes(OPERATORS_GROUP);
    const event: AccessEvent = {
      who: { role: isOperator ? "operator" : "member", id },
      whom: undefined,
      data: "counts",
      action: "read",
      why: "statistics",
      result: isOperator ? "done" : "refused",
    };
    await database.transaction().execute((transaction) => accessLog.record(transaction, event)).catch(unavailable);
    if (!isOperator) throw new PageError(404);
    const [platform, consents, erasures, days] = await Promise.all([
      readPlatformCounts(database),
      consentCounts(database),
      erasureCounts(database),
      entryCounts(database, SHOWN_DAYS),
    ]).catch(unavailable);
    return sendOwnPage(reply, operatorsPage(visit.frame, { platform, consents, erasures, days }));
  });
}

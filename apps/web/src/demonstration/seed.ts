import { demoAccounts } from "@jlam/platform/demo-accounts";
import type { Kysely } from "kysely";

import { asMember, signInMember } from "../database/members.ts";
import type { Tables } from "../database/tables.ts";
import { dayAt, plusDays } from "../diary/day.ts";
import type { Day } from "../diary/day.ts";
import type { Diary } from "../diary/diary.ts";
import { consentState, decideConsent } from "../privacy/consents.ts";
import { pseudonym } from "../sign-in/token-rules.ts";
import { demonstrationDay } from "./diary-day.ts";

/** The one environment that is filled with people who don't exist. */
const ENVIRONMENT = "local";

/** How many days are filled, today not among them: it is left for whoever tries the form. */
const DAYS = 30;

/** The environment is one that people use. */
export class DemonstrationRefused extends Error {
  override readonly name = "DemonstrationRefused";
}

/** What a demonstration is put into. */
export interface Demonstration {
  /** The environment's name. */
  readonly environment: string;
  readonly database: Kysely<Tables>;
  readonly diary: Diary;
  /** Of the provider at which the demo accounts sign in. */
  readonly issuer: string;
  /** Whoever is in none of these groups can't sign in, and gets no diary. */
  readonly requiredGroups: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Tells whether {@link seedDemonstration} works in this environment. */
export const isDemonstration = (environment: string): boolean => environment === ENVIRONMENT;

/** Gives consent for somebody who was never asked; false when they took it back, which is theirs to do. */
async function agree(database: Kysely<Tables>, memberId: string): Promise<boolean> {
  return await asMember(database, memberId, async (transaction) => {
    const { state } = await consentState(transaction, memberId, "health-data");
    if (state === "never") await decideConsent(transaction, memberId, "health-data", "given");
    return state === "never" || state === "given";
  });
}

/**
 * Fills the diaries of the demo accounts with the month before today, and gives the number of days that it wrote. Run
 * again, it goes on after the newest day that is there, so that what somebody changed or removed stays as they left it.
 *
 * It writes as each member, through what members' own forms go through: the rules of the database hold for it too.
 *
 * @throws DemonstrationRefused in every environment but `local`
 */
export async function seedDemonstration({ environment, database, diary, issuer, requiredGroups, now }: Demonstration): Promise<number> {
  if (!isDemonstration(environment)) {
    throw new DemonstrationRefused(
      `Demo members are only for the environment ${ENVIRONMENT}, and this one is ${environment}: they would stand among people's data. ` +
        `Fix: run it with ENVIRONMENT=${ENVIRONMENT} and a database of its own, or leave it out.`,
    );
  }
  const today = dayAt(now);
  const begin = plusDays(today, -DAYS);
  let written = 0;
  for (const account of demoAccounts.filter(({ groups }) => groups.some((group) => requiredGroups.includes(group)))) {
    const memberId = await signInMember(database, pseudonym(issuer, account.uuid));
    if (!(await agree(database, memberId))) continue;
    const newest = (await diary.read(memberId, begin, today))?.at(-1)?.day;
    const first: Day = newest === undefined ? begin : plusDays(newest, 1);
    for (let day = first; day < today; day = plusDays(day, 1)) {
      const entry = demonstrationDay(account.username, day);
      if (entry !== undefined && (await diary.put(memberId, entry))) written += 1;
    }
  }
  return written;
}

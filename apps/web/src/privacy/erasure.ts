import { createHmac, randomUUID } from "node:crypto";

import type { Kysely, Transaction } from "kysely";
import { sql } from "kysely";
import { z } from "zod";

import { asMember } from "../database/members.ts";
import type { Tables } from "../database/tables.ts";
import type { SignOuts } from "../sessions/sign-outs.ts";
import type { SessionStore } from "../sessions/store.ts";
import type { AccessLog } from "./access-log.ts";
import type { AccountsAtProvider } from "./accounts-at-provider.ts";

/**
 * Days between asking to be forgotten and being forgotten: long enough to come back from a holiday, a quarrel or
 * somebody else's joke, and half of the month within which GDPR article 12.3 wants an answer.
 */
export const GRACE_DAYS = 14;

/** When this member will be erased; undefined if they didn't ask. For a transaction of that member. */
export async function erasureDue(transaction: Transaction<Tables>, memberId: string): Promise<Date | undefined> {
  const row = await transaction.selectFrom("erasure_request").select("due_at").where("member_id", "=", memberId).executeTakeFirst();
  return row?.due_at;
}

/** Notes that this member wants to be forgotten; asking again doesn't move the day. For a transaction of that member. */
export async function requestErasure(transaction: Transaction<Tables>, memberId: string): Promise<Date> {
  await transaction
    .insertInto("erasure_request")
    .values({ member_id: memberId, due_at: sql<Date>`now() + make_interval(days => ${GRACE_DAYS}::integer)` })
    .onConflict((conflict) => conflict.column("member_id").doNothing())
    .execute();
  const due = await erasureDue(transaction, memberId);
  if (due === undefined) throw new Error("a request that was just written is not there");
  return due;
}

/** Takes the request back. For a transaction of that member. */
export async function takeErasureBack(transaction: Transaction<Tables>, memberId: string): Promise<void> {
  await transaction.deleteFrom("erasure_request").where("member_id", "=", memberId).execute();
}

/** How a person is found again in an old dump, of this database or of the provider's, by the key's owner and nobody else. */
export interface ErasureHashes {
  member(memberId: string): string;
  account(subject: string): string;
}

/** The hashes under `key`, which must outlive every backup. */
export function createErasureHashes(key: Buffer): ErasureHashes {
  const hash = (kind: string, value: string): string => createHmac("sha256", key).update(`erased-${kind}:`).update(value).digest("hex");
  return { member: (memberId) => hash("member", memberId), account: (subject) => hash("account", subject) };
}

/** A member whose time has come. */
interface DueErasure {
  readonly memberId: string;
  readonly subject: string;
}

/** What erasing somebody reaches. */
export interface ErasureParts {
  readonly sessions: Pick<SessionStore, "endAllOf">;
  readonly signOuts: Pick<SignOuts, "record">;
  readonly accessLog: AccessLog;
  readonly hashes: ErasureHashes;
  /** Undefined where accounts at the provider aren't ours to erase. */
  readonly accounts: AccountsAtProvider | undefined;
}

const dueSchema = z.array(z.object({ member_id: z.uuid(), subject: z.string() }));
const erasedSchema = z.tuple([z.object({ erased: z.boolean() })]);

/** Those whose grace period is over, longest waiting first. */
export async function dueErasures(database: Kysely<Tables>, most: number): Promise<readonly DueErasure[]> {
  const { rows } = await sql`select member_id, subject from due_erasures(${most})`.execute(database);
  return dueSchema.parse(rows).map((row) => ({ memberId: row.member_id, subject: row.subject }));
}

/**
 * Removes the account, and notes before by which names the provider's log knows the person: after it nobody could tell,
 * and a removal that stops halfway must find the rest.
 */
async function removeAccount(database: Kysely<Tables>, { memberId, subject }: DueErasure, accounts: AccountsAtProvider): Promise<void> {
  const found = await accounts.names(subject);
  const names = await asMember(database, memberId, async (transaction) => {
    const request = transaction.updateTable("erasure_request").where("member_id", "=", memberId);
    if (found.length > 0) await request.set({ provider_names: [...found] }).execute();
    return (await transaction.selectFrom("erasure_request").select("provider_names").where("member_id", "=", memberId).executeTakeFirst())?.provider_names;
  });
  await accounts.remove(subject, names ?? []);
}

/**
 * Forgets somebody for good: the account at the provider, then every session, then every row, with the record of it and
 * the entry in the erasure list in one transaction. The provider comes first, because it is what lets them in again and
 * only the row says which account it is; so when it fails nothing is lost, and the next run does it all again.
 *
 * Says false when they took it back meanwhile.
 *
 * @throws AccountNotRemoved, or what PostgreSQL and Redis throw; the request then stays
 */
export async function eraseForGood(database: Kysely<Tables>, due: DueErasure, parts: ErasureParts): Promise<boolean> {
  const { memberId, subject } = due;
  if (parts.accounts !== undefined) await removeAccount(database, due, parts.accounts);
  // Covers a session that is just being made, too; what is on the list of sessions goes at once.
  const issuedAt = Math.floor(Date.now() / 1000);
  await parts.signOuts.record({ tokenId: randomUUID(), providerSession: undefined, subject, issuedAt }, 60);
  await parts.sessions.endAllOf(memberId);
  return await database.transaction().execute(async (transaction) => {
    const { rows } = await sql`
      select erase_member(${memberId}, ${parts.hashes.member(memberId)}, ${parts.hashes.account(subject)}) as erased`.execute(transaction);
    const [{ erased }] = erasedSchema.parse(rows);
    if (erased) {
      await parts.accessLog.record(transaction, {
        who: { role: "system" },
        whom: memberId,
        data: "everything",
        action: "remove",
        why: "own-request",
        result: "done",
      });
    }
    return erased;
  });
}

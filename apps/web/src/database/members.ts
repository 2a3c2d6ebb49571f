import type { Kysely, Transaction } from "kysely";
import { sql } from "kysely";

import type { Tables } from "./tables.ts";

/**
 * Runs `work` in a transaction in which the database shows rows of this member only, whatever is asked of it. The
 * setting ends with the transaction, so the next user of the connection doesn't inherit it.
 */
export async function asMember<T>(database: Kysely<Tables>, memberId: string, work: (transaction: Transaction<Tables>) => Promise<T>): Promise<T> {
  return await database.transaction().execute(async (transaction) => {
    await sql`select set_config('app.member_id', ${memberId}, true)`.execute(transaction);
    return await work(transaction);
  });
}

/** The id of the member whom `subject` stands for, made at the first sign-in; two at once get the same. */
export async function signInMember(database: Kysely<Tables>, subject: string): Promise<string> {
  return await database.transaction().execute(async (transaction) => {
    await sql`select set_config('app.member_subject', ${subject}, true)`.execute(transaction);
    await transaction
      .insertInto("member")
      .values({ subject })
      .onConflict((conflict) => conflict.column("subject").doNothing())
      .execute();
    const { id } = await transaction.selectFrom("member").select("id").where("subject", "=", subject).executeTakeFirstOrThrow();
    return id;
  });
}

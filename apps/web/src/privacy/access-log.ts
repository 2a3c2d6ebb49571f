import { createHmac } from "node:crypto";

import type { Kysely, Transaction } from "kysely";
import { sql } from "kysely";

import type { Tables } from "../database/tables.ts";

/** Kinds of data, as a member knows them. */
export type DataClass = "account" | "access-log" | "consents" | "counts" | "diary" | "everything";

export type AccessAction = "change" | "export" | "read" | "remove" | "write";

/** Why: the person asked for it, the rules for how long data is kept, or counting without seeing anybody. */
export type AccessReason = "own-request" | "retention" | "statistics";

/** One access, with the fields of NEN 7513: who, whom, what, why and with what result; the database adds when. */
export interface AccessEvent {
  readonly who: { readonly role: "member" | "operator"; readonly id: string } | { readonly role: "system" };
  /** The member whose data it is; undefined where nobody in particular was seen, as in counts. */
  readonly whom: string | undefined;
  readonly data: DataClass;
  readonly action: AccessAction;
  readonly why: AccessReason;
  readonly result: "done" | "refused";
}

/** What a member is shown of an access. */
export interface AccessRecord {
  readonly at: Date;
  readonly role: "member" | "operator" | "system";
  /** Whether it was the member themselves. */
  readonly self: boolean;
  readonly data: string;
  readonly action: string;
  readonly reason: string;
  readonly result: "done" | "refused";
}

/** The record of who saw whose data. */
export interface AccessLog {
  /** Stands for a member in the access log, and nowhere else. */
  pseudonym(memberId: string): string;
  /**
   * Writes an access down. In the transaction of the access itself, so that what can't be recorded doesn't happen, and
   * what doesn't happen isn't recorded.
   */
  record(transaction: Transaction<Tables>, event: AccessEvent): Promise<void>;
  /** The latest accesses to this member's data, newest first. */
  about(database: Kysely<Tables>, memberId: string, most: number): Promise<readonly AccessRecord[]>;
}

/** A member who reads or changes what is theirs: by far the most frequent event. */
export const ownAccess = (memberId: string, data: DataClass, action: AccessAction): AccessEvent => ({
  who: { role: "member", id: memberId },
  whom: memberId,
  data,
  action,
  why: "own-request",
  result: "done",
});

/**
 * The access log under `key`. Members are in it by a keyed hash of their id: with the member's row gone, nobody who
 * lacks both the key and a copy of the id from before can tell whom a record is about.
 */
export function createAccessLog(key: Buffer): AccessLog {
  const pseudonym = (memberId: string): string => createHmac("sha256", key).update("access-log:").update(memberId).digest("hex");
  return {
    pseudonym,
    async record(transaction, { who, whom, data, action, why, result }) {
      const person = whom === undefined ? null : pseudonym(whom);
      const actor = who.role === "system" ? null : pseudonym(who.id);
      await transaction.insertInto("access_record").values({ actor, actor_role: who.role, person, data, action, reason: why, result }).execute();
    },
    async about(database, memberId, most) {
      const person = pseudonym(memberId);
      return await database.transaction().execute(async (transaction) => {
        await sql`select set_config('app.access_pseudonym', ${person}, true)`.execute(transaction);
        const rows = await transaction
          .selectFrom("access_record")
          .select(["at", "actor", "actor_role", "data", "action", "reason", "result"])
          .where("person", "=", person)
          .orderBy("id", "desc")
          .limit(most)
          .execute();
        return rows.map(({ at, actor, actor_role: role, data, action, reason, result }) => ({ at, role, self: actor === person, data, action, reason, result }));
      });
    },
  };
}

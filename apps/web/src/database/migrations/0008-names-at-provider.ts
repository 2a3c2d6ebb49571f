import { sql } from "kysely";

import type { Migration } from "../migration.ts";

/**
 * By which names the provider knows somebody who is being erased there. Its log names people as text, and once the
 * account is gone nothing else tells which text to look for; so it is noted before, for as long as it takes, and goes
 * with the member.
 */
export const namesAtProvider: Migration = {
  number: 8,
  name: "names-at-provider",
  phase: "expand",
  async up(transaction) {
    await transaction.schema
      .alterTable("erasure_request")
      .addColumn("provider_names", sql`text[]`, (column) => column.notNull().defaultTo(sql`'{}'`))
      .execute();
    const own = sql`member_id = nullif(current_setting('app.member_id', true), '')::uuid`;
    await sql`create policy erasure_request_note on erasure_request for update using (${own}) with check (${own})`.execute(transaction);
  },
};

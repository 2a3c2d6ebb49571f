import { sql } from "kysely";

import type { Migration } from "../migration.ts";

/**
 * Who has signed in, by a pseudonym and nothing else. The database itself shows a row only to the transaction that
 * named its member, or its subject while signing in; whoever names nobody sees nobody. There is no policy for changes
 * and removals, so the application can do neither.
 */
export const member: Migration = {
  number: 2,
  name: "member",
  phase: "expand",
  async up(transaction) {
    await transaction.schema
      .createTable("member")
      .addColumn("id", "uuid", (column) => column.primaryKey().defaultTo(sql`gen_random_uuid()`))
      .addColumn("subject", "text", (column) => column.notNull().unique().check(sql`subject ~ '^[0-9a-f]{64}$'`))
      .addColumn("created_at", "timestamptz", (column) => column.notNull().defaultTo(sql`now()`))
      .execute();
    await sql`alter table member enable row level security`.execute(transaction);
    await sql`
      create policy member_self on member for select using (
        id = nullif(current_setting('app.member_id', true), '')::uuid
        or subject = nullif(current_setting('app.member_subject', true), '')
      )`.execute(transaction);
    await sql`
      create policy member_signs_up on member for insert
      with check (subject = nullif(current_setting('app.member_subject', true), ''))`.execute(transaction);
  },
};

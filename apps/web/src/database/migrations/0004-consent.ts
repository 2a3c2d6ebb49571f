import { sql } from "kysely";

import type { Migration } from "../migration.ts";

/**
 * What members agreed to and took back, as a list of decisions to which rows are only ever added: what holds is the
 * latest, and what held on any day can be proven. A member's transaction reads and adds its own; there is no policy for
 * changes and removals, so decisions end with their member and in no other way.
 */
export const consent: Migration = {
  number: 4,
  name: "consent",
  phase: "expand",
  async up(transaction) {
    await transaction.schema
      .createTable("consent")
      .addColumn("id", "bigint", (column) => column.generatedAlwaysAsIdentity().primaryKey())
      .addColumn("member_id", "uuid", (column) => column.notNull().references("member.id").onDelete("cascade"))
      .addColumn("purpose", "text", (column) => column.notNull().check(sql`purpose ~ '^[a-z]+(-[a-z]+)*$'`))
      .addColumn("version", "integer", (column) => column.notNull().check(sql`version > 0`))
      .addColumn("decision", "text", (column) => column.notNull().check(sql`decision in ('given', 'withdrawn')`))
      .addColumn("at", "timestamptz", (column) => column.notNull().defaultTo(sql`now()`))
      .execute();
    await transaction.schema.createIndex("consent_latest").on("consent").columns(["member_id", "purpose", "id desc"]).execute();

    const own = sql`member_id = nullif(current_setting('app.member_id', true), '')::uuid`;
    await sql`alter table consent enable row level security`.execute(transaction);
    await sql`create policy consent_read on consent for select using (${own})`.execute(transaction);
    await sql`create policy consent_add on consent for insert with check (${own})`.execute(transaction);
  },
};
